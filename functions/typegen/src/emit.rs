//! Lowered schemas in, Rust out.

use quote::quote;
use serde_json::{Map, Value, json};
use syn::{Field, Fields, FieldsNamed, File, Item, LitStr, Type, parse_quote};
use typify::{TypeSpace, TypeSpaceSettings};

use crate::lower::{Contract, Lowered};

/// The text of the module of types.
pub(crate) fn types(
    folder: &str,
    contracts: &[Contract],
    lowered: Lowered,
) -> Result<String, String> {
    let stream = space(&lowered)?.to_stream();
    let mut file: File = syn::parse2(stream).map_err(|error| error.to_string())?;
    file.items
        .iter_mut()
        .for_each(|item| finish(item, &lowered));

    for name in &lowered.strict {
        let name = syn::parse_str::<syn::Ident>(name).map_err(|error| error.to_string())?;
        // The two that are derived are the type's own functions, by `remote`.
        file.items.push(parse_quote! {
            impl ::serde::Serialize for #name {
                fn serialize<S: ::serde::Serializer>(&self, out: S) -> ::std::result::Result<S::Ok, S::Error> {
                    Self::serialize(self, out)
                }
            }
        });
        file.items.push(parse_quote! {
            impl<'de> ::serde::Deserialize<'de> for #name {
                fn deserialize<D: ::serde::Deserializer<'de>>(input: D) -> ::std::result::Result<Self, D::Error> {
                    Self::deserialize(::topogen_kit::contract::Strict(input))
                }
            }
        });
    }

    let mut all = Vec::new();
    for Contract {
        event,
        version,
        rust,
    } in contracts
    {
        let rust = syn::parse_str::<syn::Ident>(rust).map_err(|error| error.to_string())?;
        let path = format!("/{folder}/{event}.json");
        file.items.push(parse_quote! {
            impl ::topogen_kit::Fact for #rust {
                const TYPE: &'static str = #event;
                const VERSION: &'static str = #version;
            }
        });
        file.items.push(parse_quote! {
            impl ::topogen_kit::Contract for #rust {
                const SCHEMA: &'static str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), #path));
            }
        });
        all.push(quote! { ::topogen_kit::contract::AnyContract::of::<#rust>() });
    }
    file.items.push(parse_quote! {
        /// Every contract, by name.
        pub const CONTRACTS: &[::topogen_kit::contract::AnyContract] = &[#(#all),*];
    });
    Ok(prettyplease::unparse(&file))
}

fn space(lowered: &Lowered) -> Result<TypeSpace, String> {
    let schema = |value| serde_json::from_value(value).map_err(|error| error.to_string());
    let mut settings = TypeSpaceSettings::default();
    settings.with_derive("PartialEq".to_owned());
    for rust in &lowered.natives {
        let wanted = serde_json::from_value(json!({ "x-rust": rust }));
        let wanted = wanted.map_err(|error| error.to_string())?;
        settings.with_conversion(wanted, rust, std::iter::empty());
    }
    let mut space = TypeSpace::new(&settings);
    let definitions = json!({ "definitions": &lowered.definitions });
    space
        .add_root_schema(schema(definitions)?)
        .map_err(|error| error.to_string())?;
    Ok(space)
}

/// Makes the derived reader and writer of a type its own functions, since serde's reader takes more than a schema does.
fn finish(item: &mut Item, lowered: &Lowered) {
    let (name, attributes) = if let Item::Struct(item) = item {
        (&item.ident, &mut item.attrs)
    } else if let Item::Enum(item) = item {
        (&item.ident, &mut item.attrs)
    } else {
        return;
    };
    let name = name.to_string();
    if lowered.strict.contains(&name) {
        attributes.push(parse_quote! { #[serde(remote = "Self")] });
    }
    if let Item::Struct(item) = item
        && let Fields::Named(fields) = &mut item.fields
        && let Some(schema) = lowered.definitions.get(&name)
    {
        finish_fields(fields, schema);
    }
}

/// Puts the fields in the contract's order, and lets none of them be `null`.
fn finish_fields(fields: &mut FieldsNamed, schema: &Value) {
    let properties = schema["properties"].as_object();
    let order: Vec<&String> = properties.into_iter().flat_map(Map::keys).collect();
    let mut sorted: Vec<Field> = fields.named.iter().cloned().collect();
    sorted.sort_by_cached_key(|field| {
        let name = json_name(field);
        order.iter().position(|other| **other == name)
    });
    for field in sorted.iter_mut().filter(|field| is_option(&field.ty)) {
        field.attrs.push(parse_quote! {
            #[serde(default, deserialize_with = "::topogen_kit::contract::present")]
        });
    }
    fields.named = sorted.into_iter().collect();
}

fn json_name(field: &Field) -> String {
    let mut name = field
        .ident
        .as_ref()
        .map(ToString::to_string)
        .unwrap_or_default();
    for attribute in field
        .attrs
        .iter()
        .filter(|attribute| attribute.path().is_ident("serde"))
    {
        // What follows the name is of no interest, and neither is whether all of it is understood.
        let _ = attribute.parse_nested_meta(|meta| {
            if meta.path.is_ident("rename") {
                name = meta.value()?.parse::<LitStr>()?.value();
            }
            Ok(())
        });
    }
    name
}

fn is_option(of: &Type) -> bool {
    let Type::Path(path) = of else { return false };
    path.path
        .segments
        .last()
        .is_some_and(|segment| segment.ident == "Option")
}
