//! Names of types and members in TypeScript.

use std::any::TypeId;
use std::collections::HashMap;

/// Names that have another meaning in a generated file.
const TAKEN: [&str; 23] = [
    "Array",
    "Boolean",
    "Date",
    "Error",
    "Function",
    "Insertable",
    "ListOf",
    "Map",
    "MapOf",
    "Number",
    "Object",
    "Partial",
    "Promise",
    "Readable",
    "Readonly",
    "Record",
    "Removable",
    "Resizable",
    "Set",
    "String",
    "Symbol",
    "Writable",
    "store",
];

/// The names of types, each for one type only.
#[derive(Default)]
pub(super) struct TypeNames {
    by_type: HashMap<TypeId, String>,
    taken: HashMap<String, TypeId>,
}

impl TypeNames {
    /// The name of a type. If another type has the name, the type's module is put before
    /// it, and then a number after it.
    pub(super) fn of(&mut self, id: TypeId, rust: &str) -> String {
        if let Some(known) = self.by_type.get(&id) {
            return known.clone();
        }
        let short = short(rust);
        let long = format!("{}{short}", module(rust));
        let numbered = (2..).map(|number| format!("{short}{number}"));
        let mut names = [short.clone(), long].into_iter().chain(numbered);
        let name = names.find(|name| !self.taken.contains_key(name)).unwrap_or(short);
        self.taken.insert(name.clone(), id);
        self.by_type.insert(id, name.clone());
        name
    }
}

/// `Page` of `app::Page`, `PageOfSong` of `app::Page<app::Song>`.
fn short(rust: &str) -> String {
    let words = rust.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':'));
    let last = |word: &str| word.rsplit("::").next().map(capital);
    let names: Vec<String> = words.filter(|word| !word.is_empty()).filter_map(last).collect();
    let name = match names.split_first() {
        Some((first, [])) => first.clone(),
        Some((first, rest)) => format!("{first}Of{}", rest.join("And")),
        None => "Value".into(),
    };
    if TAKEN.contains(&&*name) { format!("{name}_") } else { name }
}

/// The module of a type: `Storage` of `app::storage::Tv`.
fn module(rust: &str) -> String {
    let path = rust.split('<').next().unwrap_or_default();
    path.rsplit("::").nth(1).map(capital).unwrap_or_default()
}

pub(super) fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect()
}

/// A member's name in TypeScript, in quotes if it is not an identifier.
pub(super) fn member(name: &str) -> String {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '$';
    let starts = name.starts_with(|c: char| !c.is_ascii_digit());
    if starts && name.chars().all(is_word) { name.to_owned() } else { quoted(name) }
}

/// A string of TypeScript.
pub(super) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// A documentation comment, indented by `indent`.
pub(super) fn comment(doc: &str, indent: &str) -> String {
    let doc = doc.replace("*/", "* /");
    match doc.lines().collect::<Vec<_>>()[..] {
        [] => String::new(),
        [line] => format!("{indent}/** {line} */\n"),
        ref lines => {
            let lines: String = lines
                .iter()
                .map(|line| format!("{indent} * {line}").trim_end().to_owned() + "\n")
                .collect();
            format!("{indent}/**\n{lines}{indent} */\n")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn w1_each_type_has_a_name_of_its_own() {
        struct Fourth;
        let mut names = TypeNames::default();
        let (first, second) = (TypeId::of::<u8>(), TypeId::of::<u16>());
        let third = TypeId::of::<u32>();
        assert_eq!(names.of(first, "app::storage::Tv"), "Tv");
        assert_eq!(names.of(first, "app::storage::Tv"), "Tv");
        assert_eq!(names.of(second, "app::storage::Tv"), "StorageTv");
        assert_eq!(names.of(third, "app::storage::Tv"), "Tv2");
        assert_eq!(names.of(TypeId::of::<Fourth>(), "app::storage::Tv"), "Tv3");
    }

    #[test]
    fn w1_a_name_in_typescript_has_the_words_of_the_rust_one() {
        assert_eq!(short("app::Page"), "Page");
        assert_eq!(short("app::Page<app::my_song, u8>"), "PageOfMy_songAndU8");
        assert_eq!(short("app::Map"), "Map_");
        assert_eq!(short("()"), "Value");
        assert_eq!(module("app::storage::Tv<a::b>"), "Storage");
        assert_eq!(module("Tv"), "");
        assert_eq!(capital("word"), "Word");
        assert_eq!(capital(""), "");
    }

    #[test]
    fn w1_a_member_that_is_not_an_identifier_has_quotes() {
        for plain in ["a", "_a1", "$x", "camelCase"] {
            assert_eq!(member(plain), plain);
        }
        for (name, quoted) in [("1a", "\"1a\""), ("a-b", "\"a-b\""), ("", "\"\""), ("é", "\"é\"")]
        {
            assert_eq!(member(name), quoted);
        }
    }

    #[test]
    fn w1_a_comment_has_its_lines_and_does_not_end_early() {
        assert_eq!(comment("", "  "), "");
        assert_eq!(comment("One */ line.", "  "), "  /** One * / line. */\n");
        assert_eq!(comment("One.\n\nTwo.", " "), " /**\n  * One.\n  *\n  * Two.\n  */\n");
    }
}
