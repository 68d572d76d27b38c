//! The generated file.

use sprag_runtime::path::Schema;

use super::names::{capital, member, quoted};
use super::places::{Places, ReachedBy};
use super::values::Values;

/// The names that the file can import from the client.
const IMPORTS: [&str; 8] =
    ["Insertable", "ListOf", "MapOf", "Readable", "Removable", "Resizable", "SetOf", "Writable"];

/// The file's text, or a sentence for each value of unknown form.
pub(super) fn file(import: &str, stores: &[(String, Schema)]) -> Result<String, Vec<String>> {
    let mut values = Values::default();
    let mut places = Places::new(&mut values);
    let mut declared = String::new();
    for (name, schema) in stores {
        declared += &store(&mut places, name, *schema);
    }
    let of_places = std::mem::take(&mut places.text);
    let mut unknown = std::mem::take(&mut values.unknown);
    if !unknown.is_empty() {
        unknown.sort();
        unknown.dedup();
        return Err(unknown);
    }
    let body = format!("{}{of_places}{declared}", values.text);
    let used = IMPORTS.iter().filter(|name| body.contains(&format!("{name}<")));
    let types: String = used.map(|name| format!("type {name}, ")).collect();
    Ok(format!(
        "/* Written by sprag-web from the types of the server; do not edit. */\n\n\
         import {{ {types}store }} from {};\n\n{}\n",
        quoted(import),
        body.trim_end()
    ))
}

fn store(places: &mut Places<'_>, name: &str, schema: Schema) -> String {
    let value = places.values.of(schema, name);
    let place = places.of(schema, ReachedBy::Name, name);
    let texts = places.texts(schema);
    let word = identifier(name);
    let types = format!("{}Texts", capital(&word));
    format!(
        "/** The places of `{name}` that have no key in them, by their text. */\n\
         export type {types} = {{\n{texts}}};\n\n\
         export const {word} = store<{value}, {place}, {types}>({});\n\n",
        quoted(name)
    )
}

/// A store's name as a name of TypeScript.
fn identifier(name: &str) -> String {
    let word: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    if member(&word) == word && !word.is_empty() { word } else { format!("_{word}") }
}

#[cfg(test)]
mod tests {
    use super::identifier;

    #[test]
    fn w1_a_store_has_a_name_that_typescript_takes() {
        for (name, word) in [("tv", "tv"), ("my-tv", "my_tv"), ("2tv", "_2tv"), ("", "_")] {
            assert_eq!(identifier(name), word);
        }
    }
}
