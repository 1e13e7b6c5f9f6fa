//! Looks whether a value is a string, or a list of two, so that an intrinsic function of it has a short form.

use serde::ser::{Impossible, Serialize, SerializeSeq, SerializeTuple, Serializer};

use super::serializer::Unprintable;

/// The argument of an intrinsic function that fits on one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Argument {
    Text(String),
    Pair(String, String),
}

/// The argument, when it has one of the forms.
pub(super) fn argument(value: &(impl Serialize + ?Sized)) -> Option<Argument> {
    value.serialize(Capture).ok()
}

struct Capture;

/// Items of a list, as far as they are strings.
pub(super) struct Items(Vec<String>);

impl Items {
    fn push<T: Serialize + ?Sized>(&mut self, item: &T) -> Result<(), Unprintable> {
        match item.serialize(Capture)? {
            Argument::Text(text) if self.0.len() < 2 => self.0.push(text),
            Argument::Text(_) | Argument::Pair(..) => return Err(Unprintable),
        }
        Ok(())
    }

    fn pair(self) -> Result<Argument, Unprintable> {
        match <[String; 2]>::try_from(self.0) {
            Ok([first, second]) => Ok(Argument::Pair(first, second)),
            Err(_) => Err(Unprintable),
        }
    }
}

impl SerializeSeq for Items {
    type Ok = Argument;
    type Error = Unprintable;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, item: &T) -> Result<(), Unprintable> {
        self.push(item)
    }

    fn end(self) -> Result<Argument, Unprintable> {
        self.pair()
    }
}

impl SerializeTuple for Items {
    type Ok = Argument;
    type Error = Unprintable;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, item: &T) -> Result<(), Unprintable> {
        self.push(item)
    }

    fn end(self) -> Result<Argument, Unprintable> {
        self.pair()
    }
}

macro_rules! refuse {
    ($($method:ident($($argument:ty),*);)*) => {
        $(fn $method(self, $(_: $argument),*) -> Result<Self::Ok, Unprintable> { Err(Unprintable) })*
    };
}

impl Serializer for Capture {
    type Ok = Argument;
    type Error = Unprintable;
    type SerializeSeq = Items;
    type SerializeTuple = Items;
    type SerializeTupleStruct = Impossible<Argument, Unprintable>;
    type SerializeTupleVariant = Impossible<Argument, Unprintable>;
    type SerializeMap = Impossible<Argument, Unprintable>;
    type SerializeStruct = Impossible<Argument, Unprintable>;
    type SerializeStructVariant = Impossible<Argument, Unprintable>;

    fn serialize_str(self, text: &str) -> Result<Argument, Unprintable> {
        Ok(Argument::Text(text.to_owned()))
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<Argument, Unprintable> {
        value.serialize(self)
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Items, Unprintable> {
        Ok(Items(Vec::new()))
    }

    fn serialize_tuple(self, _: usize) -> Result<Items, Unprintable> {
        Ok(Items(Vec::new()))
    }

    refuse! {
        serialize_bool(bool);
        serialize_i8(i8);
        serialize_i16(i16);
        serialize_i32(i32);
        serialize_i64(i64);
        serialize_u8(u8);
        serialize_u16(u16);
        serialize_u32(u32);
        serialize_u64(u64);
        serialize_f32(f32);
        serialize_f64(f64);
        serialize_char(char);
        serialize_bytes(&[u8]);
        serialize_none();
        serialize_unit();
        serialize_unit_struct(&'static str);
        serialize_unit_variant(&'static str, u32, &'static str);
    }

    fn serialize_some<T: Serialize + ?Sized>(self, _: &T) -> Result<Argument, Unprintable> {
        Err(Unprintable)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Result<Argument, Unprintable> {
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

    fn serialize_map(self, _: Option<usize>) -> Result<Self::SerializeMap, Unprintable> {
        Err(Unprintable)
    }

    fn serialize_struct(
        self,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStruct, Unprintable> {
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
