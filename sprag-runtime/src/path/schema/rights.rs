//! [`Rights`]: the rights of browsers at a place and below it.

use std::any::TypeId;
use std::fmt;

use super::{Layout, Schema, SchemaMember, SchemaPart, Tags};
use crate::path::form::Right;
use crate::path::shape::Kind;
use crate::path::text::{Address, Part};

/// The rights of browsers at a place, see [`Schema::rights`].
///
/// A write of a value is a write of everything in it. Therefore a read-only place below
/// forbids the write, and so does a hidden place in a list, a map, an `Option` or a
/// variant, since the browser does not know the hidden value and would drop it or assign it
/// to another element. A struct keeps its hidden fields.
///
/// ```
/// # use sprag::prelude::*;
/// use sprag::path::{Address, Obstacle, Schema};
///
/// #[derive(Model, Clone, Default)]
/// struct House {
///     #[model(browser = "write")]
///     users: Vec<User>,
/// }
///
/// #[derive(Model, Clone, Default)]
/// struct User {
///     name: String,
///     #[model(browser = "never")]
///     key: String,
/// }
///
/// let rights = |place: &str| Schema::of::<House>().rights(&Address::parse(place).unwrap());
/// let users = rights("users").unwrap();
/// assert_eq!(users.set(), Err(Obstacle::HiddenBelow));
/// assert_eq!((users.insert(), users.remove()), (Ok(()), Ok(())));
/// assert_eq!(rights("users.0.name").unwrap().set(), Ok(()));
/// assert_eq!(rights("users.0.key").unwrap().set(), Err(Obstacle::Hidden));
/// assert!(rights("users.0.nickname").is_none());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rights {
    right: Right,
    /// Whether it is an element of a list or an entry of a map.
    is_entry: bool,
    whole: Survey,
    /// The contents of an element or entry of a collection; `None` for other values.
    entry: Option<Survey>,
}

/// Why a browser may not write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Obstacle {
    /// Browsers never see the place; a reply must not distinguish it from an absent place.
    Hidden,
    /// The place is read-only.
    ReadOnly,
    /// A place below is read-only.
    ReadOnlyBelow,
    /// A place below is hidden and would be lost.
    HiddenBelow,
    /// The place has no elements or entries that can be added or removed.
    NoCollection,
}

impl fmt::Display for Obstacle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Hidden => "there is no such place",
            Self::ReadOnly => "browsers may not write this place",
            Self::ReadOnlyBelow => "browsers may not write all of this place; write a part of it",
            Self::HiddenBelow => {
                "the place contains hidden ones; write a part of it, or insert and remove elements"
            }
            Self::NoCollection => "elements of the place cannot be inserted or removed",
        })
    }
}

impl std::error::Error for Obstacle {}

/// The contents of a value, itself included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Survey {
    /// The least right to a part that browsers see.
    least: Right,
    hides: bool,
    /// Whether a hidden part can be lost: it is in a list, a map, an `Option` or a variant.
    can_lose: bool,
}

impl Survey {
    const ALL: Self = Self { least: Right::Write, hides: false, can_lose: false };

    fn and(self, other: Self) -> Self {
        Self {
            least: self.least.min(other.least),
            hides: self.hides || other.hides,
            can_lose: self.can_lose || other.can_lose,
        }
    }

    /// The survey of entries that can be added and removed.
    fn in_entry(self) -> Self {
        Self { can_lose: self.can_lose || self.hides, ..self }
    }
}

/// A type that contains the present one, the number of a variant of it, and the right to it.
type Around = (TypeId, usize, Right);

impl Rights {
    /// The right of browsers at the place itself, without the places below.
    pub fn right(&self) -> Right {
        self.right
    }

    /// Whether a browser may set the place as a whole.
    ///
    /// # Errors
    ///
    /// The [`Obstacle`].
    pub fn set(&self) -> Result<(), Obstacle> {
        self.writable()?;
        if self.whole.can_lose || (self.is_entry && self.whole.hides) {
            return Err(Obstacle::HiddenBelow);
        }
        complete(self.whole)
    }

    /// Whether a browser may insert an element, an entry or a member here.
    ///
    /// Hidden places in the new entry get their defaults, so serde must have defaults for
    /// them.
    ///
    /// # Errors
    ///
    /// The [`Obstacle`].
    pub fn insert(&self) -> Result<(), Obstacle> {
        self.writable()?;
        complete(self.entry.ok_or(Obstacle::NoCollection)?)
    }

    /// Whether a browser may remove elements, entries or members here, and reorder elements.
    ///
    /// # Errors
    ///
    /// The [`Obstacle`].
    pub fn remove(&self) -> Result<(), Obstacle> {
        self.writable()?;
        self.entry.map(|_| ()).ok_or(Obstacle::NoCollection)
    }

    /// Whether the place, or a place in it, is hidden.
    pub fn hides(&self) -> bool {
        self.whole.hides
    }

    fn writable(&self) -> Result<(), Obstacle> {
        match self.right {
            Right::Never => Err(Obstacle::Hidden),
            Right::Read => Err(Obstacle::ReadOnly),
            Right::Write => Ok(()),
        }
    }

    /// The less of both.
    fn and(self, other: Self) -> Self {
        Self {
            right: self.right.min(other.right),
            is_entry: self.is_entry || other.is_entry,
            whole: self.whole.and(other.whole),
            entry: self.entry.zip(other.entry).map(|(a, b)| a.and(b)),
        }
    }
}

/// Refuses to write a place that is read-only for browsers.
fn complete(survey: Survey) -> Result<(), Obstacle> {
    if survey.least < Right::Write { Err(Obstacle::ReadOnlyBelow) } else { Ok(()) }
}

impl Schema {
    /// Returns the rights of browsers at the place `place`, counted from here; `None` if
    /// the type has no such place.
    ///
    /// Names are those in the JSON; an index or `-` is any element, and a name or an index
    /// is any entry of a map. No value is read: a name that several variants have gets the
    /// least of their rights. The cost depends on the number of types below the place.
    pub fn rights(self, place: &Address) -> Option<Rights> {
        let mut places = vec![RightsStep { schema: self, is_entry: false }];
        for part in place.parts() {
            places = places.into_iter().flat_map(|step| step.schema.steps(part)).collect();
        }
        places.into_iter().map(RightsStep::rights).reduce(Rights::and)
    }

    /// Whether this or a place in it is hidden from browsers.
    pub fn hides(self) -> bool {
        self.survey(&mut Vec::new()).hides
    }

    /// Whether `value`, which a browser has sent for the place, has members that browsers
    /// never see.
    pub fn mentions_hidden(self, value: &serde_json::Value) -> bool {
        self.right == Right::Never || self.mentions_below(value)
    }

    /// The places one part further; several where variants have them.
    fn steps(self, part: &Part) -> Vec<RightsStep> {
        let step = |schema| RightsStep { schema, is_entry: false };
        match self.layout() {
            Layout::Option(inner) | Layout::Same(inner) => inner.steps(part),
            Layout::List(inner) | Layout::Array(inner, _) | Layout::Map(inner) => {
                vec![RightsStep { schema: inner, is_entry: true }]
            }
            Layout::Tuple(parts) => {
                let named =
                    parts.into_iter().enumerate().find(|(index, _)| *part == Part::Index(*index));
                named.map(|(_, inner)| step(inner)).into_iter().collect()
            }
            Layout::Struct { members, flattened, .. } => {
                let named = members.iter().find(|member| is_part(part, member.name));
                match named {
                    Some(member) => vec![step(member.schema)],
                    None => flattened.into_iter().flat_map(|inner| inner.steps(part)).collect(),
                }
            }
            Layout::Enum { tags, variants } => {
                let contents =
                    variants.iter().filter_map(|variant| Some((variant, variant.content?)));
                let steps = contents.flat_map(|(variant, content)| match tags {
                    _ if variant.is_untagged => content.steps(part),
                    Tags::External if is_part(part, variant.name) => vec![step(content)],
                    Tags::Adjacent { content: name, .. } if is_part(part, name) => {
                        vec![step(content)]
                    }
                    Tags::External | Tags::Adjacent { .. } => Vec::new(),
                    Tags::Internal(_) | Tags::Untagged => content.steps(part),
                });
                steps.collect()
            }
            Layout::Set(inner) if matches!(part, Part::Member(_)) => {
                vec![RightsStep { schema: inner, is_entry: true }]
            }
            Layout::Leaf | Layout::Unknown | Layout::Null | Layout::Set(_) => Vec::new(),
        }
    }

    /// The contents of a value, itself included. `around` has the types that contain it.
    fn survey(self, around: &mut Vec<Around>) -> Survey {
        if self.right == Right::Never {
            return Survey { hides: true, ..Survey::ALL };
        }
        let own = Survey { least: self.right, ..Survey::ALL };
        let Some(id) = self.identity() else { return own };
        if around.contains(&id) {
            return own;
        }
        around.push(id);
        let below = self.survey_below(around);
        around.pop();
        own.and(below)
    }

    fn survey_below(self, around: &mut Vec<Around>) -> Survey {
        let mut all = |schemas: &mut dyn Iterator<Item = Self>| {
            schemas.map(|schema| schema.survey(around)).fold(Survey::ALL, Survey::and)
        };
        match self.layout() {
            Layout::Leaf | Layout::Unknown | Layout::Null => Survey::ALL,
            Layout::Same(inner) => all(&mut [inner].into_iter()),
            Layout::Option(inner)
            | Layout::List(inner)
            | Layout::Array(inner, _)
            | Layout::Set(inner)
            | Layout::Map(inner) => all(&mut [inner].into_iter()).in_entry(),
            Layout::Tuple(parts) => all(&mut parts.into_iter()),
            Layout::Struct { members, flattened, .. } => {
                let members = members.into_iter().map(|member| member.schema);
                all(&mut members.chain(flattened))
            }
            Layout::Enum { variants, .. } => {
                all(&mut variants.into_iter().filter_map(|variant| variant.content)).in_entry()
            }
        }
    }

    /// Distinguishes the type from others on the way from the root.
    fn identity(self) -> Option<Around> {
        match self.part {
            SchemaPart::Value(shape) => Some((shape.typed?.id, 0, self.right)),
            SchemaPart::Variant(owner, index) => Some((owner.typed?.id, index + 1, self.right)),
            SchemaPart::Unknown => None,
        }
    }
}

/// A place that an address leads to.
struct RightsStep {
    schema: Schema,
    is_entry: bool,
}

impl RightsStep {
    fn rights(self) -> Rights {
        let Self { schema, is_entry } = self;
        let whole = schema.survey(&mut Vec::new());
        let entry = schema.entry().map(|entry| entry.survey(&mut Vec::new()));
        Rights { right: schema.right, is_entry, whole, entry }
    }
}

impl Schema {
    /// The entry type of a collection; the entries of an array cannot be added or removed.
    fn entry(self) -> Option<Self> {
        match self.layout() {
            Layout::Option(inner) | Layout::Same(inner) => inner.entry(),
            Layout::List(entry) | Layout::Map(entry) => Some(entry),
            Layout::Set(member) if self.kind() == Kind::Set => Some(member),
            _ => None,
        }
    }

    /// Whether a member that browsers never see is in `value`.
    fn mentions_below(self, value: &serde_json::Value) -> bool {
        use serde_json::Value;
        match (self.layout(), value) {
            (Layout::Option(inner) | Layout::Same(inner), value) => inner.mentions_hidden(value),
            (
                Layout::List(inner) | Layout::Array(inner, _) | Layout::Set(inner),
                Value::Array(elements),
            ) => elements.iter().any(|element| inner.mentions_hidden(element)),
            (Layout::Map(inner), Value::Object(entries)) => {
                entries.values().any(|entry| inner.mentions_hidden(entry))
            }
            (Layout::Tuple(parts), Value::Array(elements)) => {
                parts.iter().zip(elements).any(|(part, element)| part.mentions_hidden(element))
            }
            (Layout::Struct { members, flattened, .. }, Value::Object(given)) => {
                let known = |name: &String| members.iter().find(|member| member.reads(name));
                let mut given = given.iter();
                given.any(|(name, value)| {
                    known(name).is_some_and(|member| member.schema.mentions_hidden(value))
                }) || flattened.iter().any(|inner| inner.mentions_below(value))
            }
            (Layout::Enum { tags, variants }, value) => {
                variants.iter().any(|variant| match (tags, variant.content) {
                    (_, None) => false,
                    (Tags::Internal(_) | Tags::Untagged, Some(content)) => {
                        content.mentions_below(value)
                    }
                    (_, Some(content)) if variant.is_untagged => content.mentions_below(value),
                    // Serde may read the variant under another name.
                    (Tags::External, Some(content)) => value.as_object().is_some_and(|given| {
                        given.values().any(|value| content.mentions_hidden(value))
                    }),
                    (Tags::Adjacent { content: name, .. }, Some(content)) => {
                        value.get(name).is_some_and(|value| content.mentions_hidden(value))
                    }
                })
            }
            _ => false,
        }
    }
}

impl SchemaMember {
    /// Whether serde reads it under this name.
    fn reads(&self, name: &str) -> bool {
        self.name == name || self.aliases.contains(&name)
    }
}

fn is_part(part: &Part, name: &str) -> bool {
    *part == Part::from(name)
}
