//! Writes a string, or a list of two with a dot between them, as it stands: keys, and the arguments of intrinsic functions that
//! have a short form.

use serde::ser::{Impossible, Serialize, SerializeSeq, SerializeTuple, Serializer};

use super::serializer::Unprintable;

/// What was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Text,
    Pair,
}

/// Writes what has one of the forms; of anything else a part may have been written.
pub(super) fn write(
    value: &(impl Serialize + ?Sized),
    out: &mut String,
) -> Result<Form, Unprintable> {
    value.serialize(Inline(out))
}

struct Inline<'a>(&'a mut String);

/// Items of a list, as far as they are strings.
pub(super) struct Items<'a> {
    out: &'a mut String,
    count: usize,
}

impl Items<'_> {
    fn push<T: Serialize + ?Sized>(&mut self, item: &T) -> Result<(), Unprintable> {
        if self.count > 0 {
            self.out.push('.');
        }
        let start = self.out.len();
        let form = write(item, self.out)?;
        self.count += 1;
        // Readers take what stands before the first dot for the first item.
        let is_ambiguous = self.count == 1 && self.out[start..].contains('.');
        if form != Form::Text || is_ambiguous {
            return Err(Unprintable);
        }
        Ok(())
    }

    fn pair(self) -> Result<Form, Unprintable> {
        match self.count {
            2 => Ok(Form::Pair),
            _ => Err(Unprintable),
        }
    }
}

impl SerializeSeq for Items<'_> {
    type Ok = Form;
    type Error = Unprintable;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, item: &T) -> Result<(), Unprintable> {
        self.push(item)
    }

    fn end(self) -> Result<Form, Unprintable> {
        self.pair()
    }
}

impl SerializeTuple for Items<'_> {
    type Ok = Form;
    type Error = Unprintable;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, item: &T) -> Result<(), Unprintable> {
        self.push(item)
    }

    fn end(self) -> Result<Form, Unprintable> {
        self.pair()
    }
}

macro_rules! refuse {
    ($($method:ident($($argument:ty),*);)*) => {
        $(fn $method(self, $(_: $argument),*) -> Result<Self::Ok, Unprintable> { Err(Unprintable) })*
    };
}

impl<'a> Serializer for Inline<'a> {
    type Ok = Form;
    type Error = Unprintable;
    type SerializeSeq = Items<'a>;
    type SerializeTuple = Items<'a>;
    type SerializeTupleStruct = Impossible<Form, Unprintable>;
    type SerializeTupleVariant = Impossible<Form, Unprintable>;
    type SerializeMap = Impossible<Form, Unprintable>;
    type SerializeStruct = Impossible<Form, Unprintable>;
    type SerializeStructVariant = Impossible<Form, Unprintable>;

    fn serialize_str(self, text: &str) -> Result<Form, Unprintable> {
        self.0.push_str(text);
        Ok(Form::Text)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<Form, Unprintable> {
        value.serialize(self)
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Items<'a>, Unprintable> {
        Ok(Items {
            out: self.0,
            count: 0,
        })
    }

    fn serialize_tuple(self, _: usize) -> Result<Items<'a>, Unprintable> {
        Ok(Items {
            out: self.0,
            count: 0,
        })
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

    fn serialize_some<T: Serialize + ?Sized>(self, _: &T) -> Result<Form, Unprintable> {
        Err(Unprintable)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Result<Form, Unprintable> {
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
