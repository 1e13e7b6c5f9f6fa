//! The serializer: one pass over the value, each part written where it belongs in either view.

use std::fmt;

use serde::ser::{
    Error, Impossible, Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeTuple,
    Serializer,
};

use super::inline::{self, Form};
use super::{Views, text};

/// A value without a form of ours: a key that is not a string, bytes, a number of single precision, a variant with data.
#[derive(Debug)]
pub(super) struct Unprintable;

impl fmt::Display for Unprintable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("this value has no form here")
    }
}

impl std::error::Error for Unprintable {}

impl Error for Unprintable {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

/// What stands before the value in the YAML view.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Nothing: a line begins.
    LineStart,
    /// `key:`
    AfterKey,
    /// `-`
    AfterDash,
}

/// Writes one value that stands at `level`, or belongs to a key or dash at `level`.
pub(super) struct Printer<'a> {
    pub out: &'a mut Views,
    pub level: usize,
    pub place: Place,
}

impl<'a> Printer<'a> {
    /// A value of one line.
    fn line(self, write: impl FnOnce(&mut Views)) {
        match self.place {
            Place::LineStart => text::indent(self.level, &mut self.out.yaml),
            Place::AfterKey | Place::AfterDash => self.out.yaml.push(' '),
        }
        write(self.out);
        self.out.yaml.push('\n');
    }

    /// A word that both views know.
    fn word(self, word: &str) {
        self.line(|out| {
            out.yaml.push_str(word);
            out.json.push_str(word);
        });
    }

    fn block(self, kind: Kind) -> Block<'a> {
        self.out.json.push(kind.brackets().0);
        Block {
            first: true,
            level: match self.place {
                Place::LineStart => self.level,
                Place::AfterKey | Place::AfterDash => self.level + 1,
            },
            start: self,
            kind,
            function: None,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Sequence,
    Mapping,
    /// A mapping of one entry, which may be an intrinsic function.
    Function,
}

impl Kind {
    /// What encloses it in JSON.
    fn brackets(self) -> (char, char) {
        match self {
            Self::Sequence => ('[', ']'),
            Self::Mapping | Self::Function => ('{', '}'),
        }
    }
}

/// Readers look no further than so many characters for the colon behind a key, with its quotes and escapes (yaml.org/spec/1.1,
/// 9.3.1); a longer one has to be announced, and its value has a line of its own. Bytes are at least as many.
const LONGEST_KEY: usize = 1024;

/// A sequence or mapping on its way; nothing is written before its first part is there.
pub(super) struct Block<'a> {
    start: Printer<'a>,
    kind: Kind,
    /// Of its parts.
    level: usize,
    first: bool,
    /// Whose argument comes next.
    function: Option<&'static Function>,
}

/// An intrinsic function with a short form, for arguments of one line.
struct Function {
    name: &'static str,
    tag: &'static str,
    argument: Form,
}

const FUNCTIONS: [Function; 4] = [
    Function {
        name: "Ref",
        tag: "!Ref ",
        argument: Form::Text,
    },
    Function {
        name: "Fn::Sub",
        tag: "!Sub ",
        argument: Form::Text,
    },
    Function {
        name: "Fn::ImportValue",
        tag: "!ImportValue ",
        argument: Form::Text,
    },
    Function {
        name: "Fn::GetAtt",
        tag: "!GetAtt ",
        argument: Form::Pair,
    },
];

impl Block<'_> {
    fn item(&mut self, value: &(impl Serialize + ?Sized)) -> Result<(), Unprintable> {
        let out = &mut *self.start.out;
        if !self.first {
            out.json.push(',');
        } else if self.start.place != Place::LineStart {
            out.yaml.push('\n');
        }
        self.first = false;
        text::indent(self.level, &mut out.yaml);
        out.yaml.push('-');
        self.value(value, Place::AfterDash)
    }

    /// What stands before a key.
    fn begin_entry(&mut self) {
        let out = &mut *self.start.out;
        match (self.first, self.start.place) {
            (true, Place::AfterDash) => out.yaml.push(' '),
            (true, Place::AfterKey) => {
                out.yaml.push('\n');
                text::indent(self.level, &mut out.yaml);
            }
            (true, Place::LineStart) | (false, _) => text::indent(self.level, &mut out.yaml),
        }
        if !self.first {
            out.json.push(',');
        }
        self.first = false;
    }

    fn entry(
        &mut self,
        key: &'static str,
        value: &(impl Serialize + ?Sized),
    ) -> Result<(), Unprintable> {
        self.begin_entry();
        text::push_known(key, self.start.out);
        self.end_key();
        self.value(value, Place::AfterKey)
    }

    fn end_key(&mut self) {
        self.start.out.yaml.push(':');
        self.start.out.json.push(':');
    }

    fn value(
        &mut self,
        value: &(impl Serialize + ?Sized),
        place: Place,
    ) -> Result<(), Unprintable> {
        value.serialize(Printer {
            out: self.start.out,
            level: self.level,
            place,
        })
    }

    /// The short form of a function, where its argument has one: whether it was written.
    fn short(&mut self, function: &Function, value: &(impl Serialize + ?Sized)) -> bool {
        let start = self.start.out.yaml.len();
        let printer = Printer {
            out: self.start.out,
            level: self.start.level,
            place: self.start.place,
        };
        let mut fits = false;
        printer.line(|out| {
            out.yaml.push_str(function.tag);
            let argument = out.yaml.len();
            fits = inline::write(value, &mut out.yaml).is_ok_and(|form| form == function.argument);
            if fits {
                text::push_known_json(function.name, out);
                out.json.push(':');
                text::settle(argument, function.argument, out);
            }
        });
        if fits {
            self.first = false;
        } else {
            self.start.out.yaml.truncate(start);
        }
        fits
    }

    fn finish(self) {
        let (open, close) = self.kind.brackets();
        self.start.out.json.push(close);
        // Something that turned out to be empty.
        if self.first {
            self.start.line(|out| out.yaml.extend([open, close]));
        }
    }
}

impl SerializeSeq for Block<'_> {
    type Ok = ();
    type Error = Unprintable;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unprintable> {
        self.item(value)
    }

    fn end(self) -> Result<(), Unprintable> {
        self.finish();
        Ok(())
    }
}

impl SerializeTuple for Block<'_> {
    type Ok = ();
    type Error = Unprintable;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unprintable> {
        self.item(value)
    }

    fn end(self) -> Result<(), Unprintable> {
        self.finish();
        Ok(())
    }
}

impl SerializeMap for Block<'_> {
    type Ok = ();
    type Error = Unprintable;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Unprintable> {
        if self.kind == Kind::Function {
            debug_assert!(self.first, "more than the one entry that was announced");
            let out = &mut self.start.out.yaml;
            let start = out.len();
            inline::write(key, out)?;
            let name = &out[start..];
            self.function = FUNCTIONS.iter().find(|function| function.name == name);
            out.truncate(start);
            if self.function.is_some() {
                return Ok(());
            }
        }
        self.begin_entry();
        let out = &mut *self.start.out;
        let start = out.yaml.len();
        match inline::write(key, &mut out.yaml)? {
            Form::Text => text::settle(start, Form::Text, out),
            Form::Pair => return Err(Unprintable),
        }
        if out.yaml.len() - start > LONGEST_KEY {
            out.yaml.insert_str(start, "? ");
            out.yaml.push('\n');
            text::indent(self.level, &mut out.yaml);
        }
        self.end_key();
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unprintable> {
        match self.function.take() {
            None => self.value(value, Place::AfterKey),
            Some(function) if self.short(function, value) => Ok(()),
            Some(function) => self.entry(function.name, value),
        }
    }

    fn end(self) -> Result<(), Unprintable> {
        self.finish();
        Ok(())
    }
}

impl SerializeStruct for Block<'_> {
    type Ok = ();
    type Error = Unprintable;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        key: &'static str,
        value: &T,
    ) -> Result<(), Unprintable> {
        self.entry(key, value)
    }

    fn end(self) -> Result<(), Unprintable> {
        self.finish();
        Ok(())
    }
}

macro_rules! numbers {
    ($($method:ident: $type:ty),*) => {
        $(fn $method(self, number: $type) -> Result<(), Unprintable> {
            self.word(&number.to_string());
            Ok(())
        })*
    };
}

impl<'a> Serializer for Printer<'a> {
    type Ok = ();
    type Error = Unprintable;
    type SerializeSeq = Block<'a>;
    type SerializeTuple = Block<'a>;
    type SerializeTupleStruct = Impossible<(), Unprintable>;
    type SerializeTupleVariant = Impossible<(), Unprintable>;
    type SerializeMap = Block<'a>;
    type SerializeStruct = Block<'a>;
    type SerializeStructVariant = Impossible<(), Unprintable>;

    numbers! {
        serialize_i8: i8, serialize_i16: i16, serialize_i32: i32, serialize_i64: i64,
        serialize_u8: u8, serialize_u16: u16, serialize_u32: u32, serialize_u64: u64
    }

    fn serialize_f64(self, number: f64) -> Result<(), Unprintable> {
        let json = serde_json::Value::from(number).to_string();
        self.line(|out| {
            out.yaml.push_str(&text::float(&json));
            out.json.push_str(&json);
        });
        Ok(())
    }

    fn serialize_f32(self, _: f32) -> Result<(), Unprintable> {
        Err(Unprintable)
    }

    fn serialize_bool(self, value: bool) -> Result<(), Unprintable> {
        self.word(if value { "true" } else { "false" });
        Ok(())
    }

    fn serialize_char(self, value: char) -> Result<(), Unprintable> {
        self.serialize_str(value.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, value: &str) -> Result<(), Unprintable> {
        self.line(|out| text::push(value, out));
        Ok(())
    }

    fn serialize_unit(self) -> Result<(), Unprintable> {
        self.word("null");
        Ok(())
    }

    fn serialize_none(self) -> Result<(), Unprintable> {
        self.serialize_unit()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Unprintable> {
        value.serialize(self)
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Unprintable> {
        self.serialize_unit()
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
    ) -> Result<(), Unprintable> {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<(), Unprintable> {
        value.serialize(self)
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Block<'a>, Unprintable> {
        Ok(self.block(Kind::Sequence))
    }

    fn serialize_tuple(self, _: usize) -> Result<Block<'a>, Unprintable> {
        Ok(self.block(Kind::Sequence))
    }

    fn serialize_map(self, length: Option<usize>) -> Result<Block<'a>, Unprintable> {
        Ok(self.block(if length == Some(1) {
            Kind::Function
        } else {
            Kind::Mapping
        }))
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Block<'a>, Unprintable> {
        Ok(self.block(Kind::Mapping))
    }

    fn serialize_bytes(self, _: &[u8]) -> Result<(), Unprintable> {
        Err(Unprintable)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Result<(), Unprintable> {
        Err(Unprintable)
    }

    fn serialize_tuple_struct(
        self,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleStruct, Unprintable> {
        Err(Unprintable)
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, Unprintable> {
        Err(Unprintable)
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant, Unprintable> {
        Err(Unprintable)
    }
}
