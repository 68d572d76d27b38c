//! [`Address`]: a place as an array of names and indices.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

use serde::de::{self, Deserialize, Deserializer, SeqAccess, Visitor};
use serde::ser::{Serialize, Serializer};
use serde_json::Value;

use super::member_text;
use super::part::{UNNAMED, write_part};
use crate::error::PathError;

/// A place as data: the names, keys and indices that lead to the value in the JSON of the
/// root.
///
/// As JSON an address is an array, `["rooms", "v1.2", "queue", 3]`. A map's key is the
/// string that `serde_json` writes for it, whatever the key's type. A set's member is an
/// array of the member's JSON alone: `["tags", ["rock"]]`.
///
/// [`Display`](fmt::Display) prints the text form and [`parse`](Self::parse) reads it: the
/// parts joined by dots. A part is in quotes if it contains a dot, a quote or a bracket, is
/// empty, or begins with `/` or `?`. A set's member is written like a key, `tags.rock`; a
/// member that is not a string, a number or a boolean is written as its array. An index and
/// a name of digits have the same text, so [`Part`]s are equal if their texts are. `parse`
/// reads a JSON Pointer (RFC 6901) if the text begins with `/`.
/// [`address_of`](crate::address_of) is the address of a typed path.
///
/// ```
/// use sprag::path::Address;
///
/// let place = Address::from_iter(["rooms".into(), "v1.2".into(), "queue".into(), 3.into()]);
/// assert_eq!(place.to_string(), r#"rooms."v1.2".queue.3"#);
/// assert_eq!(Address::parse(r#"rooms."v1.2".queue.3"#)?, place);
/// assert_eq!(Address::parse("/rooms/v1.2/queue/3")?, place);
/// assert_eq!(serde_json::to_string(&place).unwrap(), r#"["rooms","v1.2","queue",3]"#);
/// # Ok::<(), sprag::error::PathError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Address {
    parts: Vec<Part>,
}

/// One part of an [`Address`].
///
/// ```
/// use sprag::path::Part;
///
/// assert_eq!(Part::from("queue"), Part::Name("queue".into()));
/// assert_eq!(Part::from(3), Part::Name("3".into()), "as in the text form");
/// ```
#[derive(Clone, Debug)]
pub enum Part {
    /// A member of an object, or the key of a map.
    Name(String),
    /// An element of a list, counted from 0.
    Index(usize),
    /// A member of a set, as serde writes the member; in JSON an array of it alone.
    Member(Value),
}

impl Address {
    /// Reads the text form, or a JSON Pointer if `text` begins with `/`.
    ///
    /// Costs O(n) in the length of `text`, and does not check whether the place exists.
    ///
    /// # Errors
    ///
    /// [`PathError::Syntax`] if a quote is not closed, text follows a closed quote, or a
    /// part begins with `?`.
    ///
    /// ```
    /// use sprag::path::Address;
    ///
    /// assert_eq!(Address::parse("playback.url")?.parts().len(), 2);
    /// assert!(Address::parse(r#"rooms."v1.2"#).is_err());
    /// # Ok::<(), sprag::error::PathError>(())
    /// ```
    pub fn parse(text: &str) -> Result<Self, PathError> {
        match text.strip_prefix('/') {
            Some(pointer) => Ok(pointer.split('/').map(unescaped).collect()),
            None => parsed(text),
        }
    }

    /// The parts, from the root on.
    ///
    /// ```
    /// use sprag::path::{Address, Part};
    ///
    /// let place = Address::parse("queue.3")?;
    /// assert_eq!(place.parts(), [Part::from("queue"), Part::from(3)]);
    /// # Ok::<(), sprag::error::PathError>(())
    /// ```
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// Appends a part: a name, a key or an index.
    ///
    /// ```
    /// let mut place = sprag::path::Address::default(); // the root
    /// place.push("queue");
    /// place.push(3);
    /// assert_eq!(place.to_string(), "queue.3");
    /// ```
    pub fn push(&mut self, part: impl Into<Part>) {
        self.parts.push(part.into());
    }
}

impl FromIterator<Part> for Address {
    fn from_iter<I: IntoIterator<Item = Part>>(parts: I) -> Self {
        Self { parts: parts.into_iter().collect() }
    }
}

impl From<Vec<Part>> for Address {
    fn from(parts: Vec<Part>) -> Self {
        Self { parts }
    }
}

impl FromStr for Address {
    type Err = PathError;

    fn from_str(text: &str) -> Result<Self, PathError> {
        Self::parse(text)
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_parts(f, &self.parts)
    }
}

/// Writes the text form of `parts`.
pub(super) fn write_parts(out: &mut dyn fmt::Write, parts: &[Part]) -> fmt::Result {
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            out.write_char('.')?;
        }
        match part {
            Part::Name(name) => write_part(out, name)?,
            Part::Index(index) => write!(out, "{index}")?,
            Part::Member(member) => write_part(out, &member_text::text(member))?,
        }
    }
    Ok(())
}

impl Part {
    /// The part as text, without quotes.
    pub(crate) fn text(&self) -> std::borrow::Cow<'_, str> {
        match self {
            Self::Name(name) => name.into(),
            Self::Index(index) => index.to_string().into(),
            Self::Member(member) => member_text::text(member).into(),
        }
    }
}

impl PartialEq for Part {
    fn eq(&self, other: &Self) -> bool {
        self.text() == other.text()
    }
}

impl Eq for Part {}

impl Hash for Part {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.text().hash(state);
    }
}

impl From<&str> for Part {
    fn from(name: &str) -> Self {
        Self::Name(name.to_owned())
    }
}

impl From<String> for Part {
    fn from(name: String) -> Self {
        Self::Name(name)
    }
}

impl From<usize> for Part {
    fn from(index: usize) -> Self {
        Self::Index(index)
    }
}

/// A part of a JSON Pointer.
fn unescaped(part: &str) -> Part {
    Part::Name(part.replace("~1", "/").replace("~0", "~"))
}

fn parsed(text: &str) -> Result<Address, PathError> {
    let mut parts = Vec::new();
    let mut rest = (!text.is_empty()).then_some(text);
    while let Some(text_left) = rest {
        let (part, behind) = match text_left.strip_prefix('"') {
            Some(quoted) => self::quoted(quoted).map_err(|problem| syntax(text, problem))?,
            None => plain(text_left).map_err(|problem| syntax(text, problem))?,
        };
        parts.push(Part::Name(part));
        rest = behind;
    }
    Ok(Address { parts })
}

/// The part before the next dot, and the rest after the dot.
fn plain(text: &str) -> Result<(String, Option<&str>), &'static str> {
    if text.starts_with(UNNAMED) {
        return Err("a key that begins with `?` needs quotes");
    }
    let (part, rest) = text.split_once('.').map_or((text, None), |(part, rest)| (part, Some(rest)));
    Ok((part.to_owned(), rest))
}

/// The part before the closing quote, and the rest after the dot behind the quote.
fn quoted(text: &str) -> Result<(String, Option<&str>), &'static str> {
    let (mut part, mut letters) = (String::new(), text.char_indices());
    while let Some((at, letter)) = letters.next() {
        match letter {
            '\\' => part.extend(letters.next().map(|(_, letter)| letter)),
            '"' => {
                return match &text[at + 1..] {
                    "" => Ok((part, None)),
                    rest => match rest.strip_prefix('.') {
                        Some(rest) => Ok((part, Some(rest))),
                        None => Err("a dot is missing behind a closing quote"),
                    },
                };
            }
            letter => part.push(letter),
        }
    }
    Err("a quote is not closed")
}

fn syntax(text: &str, problem: &'static str) -> PathError {
    PathError::Syntax { path: crate::error::cut(text), problem }
}

impl Serialize for Address {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(&self.parts)
    }
}

impl<'de> Deserialize<'de> for Address {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Vec::deserialize(deserializer).map(|parts| Self { parts })
    }
}

impl Serialize for Part {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Name(name) => serializer.serialize_str(name),
            Self::Index(index) => index.serialize(serializer),
            Self::Member(member) => [member].serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Part {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OfPart;

        impl<'de> Visitor<'de> for OfPart {
            type Value = Part;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name, an index or an array of a set's member")
            }

            fn visit_str<E: de::Error>(self, name: &str) -> Result<Part, E> {
                Ok(name.into())
            }

            fn visit_u64<E: de::Error>(self, index: u64) -> Result<Part, E> {
                let index = usize::try_from(index);
                index.map(Part::Index).map_err(|_| E::custom("the index is too large"))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut member: A) -> Result<Part, A::Error> {
                let part = member.next_element()?.map(Part::Member);
                match (part, member.next_element::<de::IgnoredAny>()?) {
                    (Some(part), None) => Ok(part),
                    _ => Err(de::Error::invalid_length(0, &"one member")),
                }
            }
        }

        deserializer.deserialize_any(OfPart)
    }
}

#[cfg(test)]
mod tests {
    use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};

    use super::{Address, Part};

    #[test]
    fn equal_addresses_alone_have_one_hash() {
        let hash = |part: Part| {
            let address = Address::from_iter(["queue".into(), part]);
            BuildHasherDefault::<DefaultHasher>::default().hash_one(address)
        };
        let member = |text: &str| Part::Member(text.into());
        assert_eq!(hash(Part::Index(3)), hash(Part::from("3")));
        assert_eq!(hash(member("rock")), hash(Part::from("rock")));
        assert_ne!(hash(Part::Index(3)), hash(Part::Index(4)));
        assert_ne!(hash(Part::from("rock")), hash(member("pop")));
    }

    #[test]
    fn what_is_no_part_is_refused_with_what_a_part_is() {
        for json in ["[true]", "[null]", "[-1]"] {
            let error = serde_json::from_str::<Address>(json).unwrap_err().to_string();
            assert!(error.contains("a name, an index or an array"), "{json}: {error}");
        }
    }
}
