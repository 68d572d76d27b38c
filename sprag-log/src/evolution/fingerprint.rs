//! [`fingerprint`]: distinguishes types by the form in which serde writes them.

use std::any::TypeId;

use sprag_runtime::path::{Layout, Schema};

/// The checksum of the form in which serde writes a type: names, defaults and layouts,
/// without documentation.
pub(super) fn fingerprint(schema: Schema) -> u32 {
    let mut text = String::new();
    write(schema, &mut Vec::new(), &mut text);
    crc32fast::hash(text.as_bytes())
}

fn write(schema: Schema, around: &mut Vec<TypeId>, text: &mut String) {
    let id = schema.type_id();
    if let Some(depth) = id.and_then(|id| around.iter().position(|other| *other == id)) {
        text.push_str(&format!("^{depth}"));
        return;
    }
    around.extend(id);
    layout(schema, around, text);
    around.truncate(around.len() - usize::from(id.is_some()));
}

fn layout(schema: Schema, around: &mut Vec<TypeId>, text: &mut String) {
    let mut inside = |mark: &str, inner: Schema| {
        text.push_str(mark);
        write(inner, around, text);
        text.push(')');
    };
    match schema.layout() {
        Layout::Option(inner) => inside("?(", inner),
        Layout::Same(inner) => inside("(", inner),
        Layout::List(inner) => inside("list(", inner),
        Layout::Array(inner, count) => inside(&format!("{count}("), inner),
        Layout::Set(inner) => inside("set(", inner),
        Layout::Map(inner) => inside("map(", inner),
        Layout::Tuple(parts) => parts.into_iter().for_each(|part| inside(",(", part)),
        Layout::Struct { tag, members, flattened } => {
            text.push_str(&format!("{{{tag:?}"));
            for member in members {
                text.push_str(&format!("{:?}{:?}:", member.name, member.aliases));
                write(member.schema, around, text);
            }
            flattened.into_iter().for_each(|inner| write(inner, around, text));
            text.push('}');
        }
        Layout::Enum { tags, variants } => {
            text.push_str(&format!("<{tags:?}"));
            for variant in variants {
                text.push_str(&format!("|{:?}", variant.name));
                if let Some(content) = variant.content {
                    write(content, around, text);
                }
            }
            text.push('>');
        }
        _ => text.push_str(schema.type_name()),
    }
}
