//! [`ShownPlaces`]: the places of a state that one page shows.
//!
//! A page that shows some places has a state without the others: an object has only the
//! members that are a place or lead to one. A commit is narrowed in the same way, so that
//! the narrowed ops lead from one such state to the next.

use std::collections::HashMap;

use serde_json::value::RawValue;
use sprag_runtime::path::{Address, Layout, Part, Right, Schema, Tags};

use crate::live::hiding::{ObjectMembers, at};

/// A place of a tree: shown as a whole, or in part, by the shown places below it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct ShownPlaces {
    is_whole: bool,
    below: HashMap<Part, Self>,
}

/// The relation of a written place to the shown ones.
#[derive(Debug, PartialEq)]
pub(crate) enum Meeting<'a> {
    /// The page shows no part of it.
    Outside,
    /// The page shows all of it.
    Within,
    /// The page shows these places below it.
    Above(&'a ShownPlaces),
}

/// A place that no page can show alone.
#[derive(Debug, PartialEq)]
pub(crate) enum Unshown {
    /// Browsers do not see such a place.
    Unknown,
    /// An element of a list, whose index changes when others are inserted or removed.
    InList,
    /// A member of a set, which has no place of its own in the set's JSON.
    InSet,
}

impl Unshown {
    /// The reason, for the page.
    pub(crate) fn why(&self) -> &'static str {
        match self {
            Self::Unknown => "there is no such place",
            Self::InList => {
                "an element of a list cannot be followed, since its index changes when others \
                 are inserted or removed; follow the list, or keep the elements in a map"
            }
            Self::InSet => {
                "a member of a set cannot be followed, since a page has the set as one array; \
                 follow the set, or keep the members as keys of a map"
            }
        }
    }
}

impl ShownPlaces {
    /// The places at `addresses` in a state of `schema`.
    pub(crate) fn of(schema: Schema, addresses: &[Address]) -> Result<Self, Unshown> {
        let mut places = Self::default();
        for address in addresses {
            can_be_shown(schema, address)?;
            places.add(address);
        }
        Ok(places)
    }

    fn add(&mut self, address: &Address) {
        let place = address.parts().iter().fold(self, |place, part| {
            // The map takes the part by value.
            place.below.entry(part.clone()).or_default()
        });
        place.is_whole = true;
    }

    /// The relation of `place` to the shown places.
    pub(crate) fn meet(&self, place: &Address) -> Meeting<'_> {
        let mut shown = self;
        for part in place.parts() {
            if shown.is_whole {
                return Meeting::Within;
            }
            match shown.below.get(part) {
                Some(below) => shown = below,
                None => return Meeting::Outside,
            }
        }
        if shown.is_whole { Meeting::Within } else { Meeting::Above(shown) }
    }

    /// Whether the member `part`, or a place below it, is shown.
    pub(crate) fn has(&self, part: &Part) -> bool {
        self.is_whole || self.below.contains_key(part)
    }

    /// Whether the value is shown as a whole.
    pub(crate) fn is_whole(&self) -> bool {
        self.is_whole
    }

    /// The shown parts of the members.
    pub(crate) fn below(&self) -> impl Iterator<Item = (&Part, &Self)> {
        self.below.iter()
    }

    /// The shown part of the value `json`.
    pub(crate) fn projected(&self, json: &RawValue) -> serde_json::Result<Box<RawValue>> {
        let mut shown = String::new();
        self.project(json, &mut shown)?;
        RawValue::from_string(shown)
    }

    /// Appends the shown part of the value `json` to `out`.
    pub(crate) fn project(&self, json: &RawValue, out: &mut String) -> serde_json::Result<()> {
        if self.is_whole || !json.get().starts_with('{') {
            out.push_str(json.get());
            return Ok(());
        }
        let ObjectMembers(members) = serde_json::from_str(json.get())?;
        out.push('{');
        let mut is_first = true;
        for (name, value) in members {
            let Some(shown) = self.below.get(&Part::Name(name.clone().into_owned())) else {
                continue;
            };
            if !std::mem::take(&mut is_first) {
                out.push(',');
            }
            out.push_str(&serde_json::to_string(&name)?);
            out.push(':');
            shown.project(value, out)?;
        }
        out.push('}');
        Ok(())
    }
}

fn can_be_shown(schema: Schema, address: &Address) -> Result<(), Unshown> {
    for depth in 0..=address.parts().len() {
        let above: Address = address.parts()[..depth].iter().cloned().collect();
        let schemas = at(schema, &above);
        if schemas.is_empty() || schemas.iter().any(|schema| schema.right() == Right::Never) {
            return Err(Unshown::Unknown);
        }
        let is_above = depth < address.parts().len();
        if let Some(unshown) = schemas.iter().find_map(|schema| elements(*schema))
            && is_above
        {
            return Err(unshown);
        }
    }
    Ok(())
}

/// Why no element can be shown alone, where serde may write an array.
fn elements(schema: Schema) -> Option<Unshown> {
    match schema.layout() {
        Layout::Option(inner) | Layout::Same(inner) => elements(inner),
        Layout::List(_) | Layout::Array(..) | Layout::Tuple(_) => Some(Unshown::InList),
        Layout::Set(_) => Some(Unshown::InSet),
        Layout::Enum { tags, variants } => variants.iter().find_map(|variant| {
            let is_bare = variant.is_untagged || matches!(tags, Tags::Untagged);
            variant.content.filter(|_| is_bare).and_then(elements)
        }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use serde::{Deserialize, Serialize};
    use sprag::prelude::*;

    use super::*;

    #[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
    struct ListedHouse {
        rooms: BTreeMap<String, u8>,
        list: Option<Vec<u8>>,
        wrapped: WrappedList,
        set: BTreeSet<u8>,
        either: ListOrOne,
    }

    #[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
    struct WrappedList(Vec<u8>);

    #[derive(Model, Clone, Debug, PartialEq, Serialize, Deserialize)]
    #[serde(untagged)]
    enum ListOrOne {
        Many(Vec<u8>),
        One(u8),
    }

    impl Default for ListOrOne {
        fn default() -> Self {
            Self::One(0)
        }
    }

    fn places(addresses: &[Vec<Part>]) -> Result<ShownPlaces, Unshown> {
        let addresses: Vec<Address> =
            addresses.iter().map(|parts| parts.iter().cloned().collect()).collect();
        ShownPlaces::of(Schema::of::<ListedHouse>(), &addresses)
    }

    #[test]
    fn w5_an_element_of_a_list_or_a_set_is_not_shown_alone() {
        for (name, expected) in [
            ("list", Unshown::InList),
            ("wrapped", Unshown::InList),
            ("either", Unshown::InList),
            ("set", Unshown::InSet),
        ] {
            places(&[vec![name.into()]]).expect("the whole is shown");
            assert_eq!(places(&[vec![name.into(), 0.into()]]), Err(expected), "{name}");
        }
        assert_eq!(places(&[vec!["cellar".into()]]), Err(Unshown::Unknown));
    }

    #[test]
    fn w2_a_place_meets_what_is_shown_above_and_below() {
        let shown =
            places(&[vec!["rooms".into(), "a".into()], vec!["set".into()]]).expect("places");
        let at = |parts: &[&str]| parts.iter().map(|part| Part::from(*part)).collect::<Address>();
        assert_eq!(shown.meet(&at(&["set"])), Meeting::Within);
        assert_eq!(shown.meet(&at(&["rooms", "a"])), Meeting::Within);
        assert_eq!(shown.meet(&at(&["rooms", "b"])), Meeting::Outside);
        let Meeting::Above(rooms) = shown.meet(&at(&["rooms"])) else { panic!("a part is shown") };
        assert!(rooms.has(&"a".into()) && !rooms.has(&"b".into()) && !rooms.is_whole());
        let Meeting::Above(root) = shown.meet(&at(&[])) else { panic!("a part is shown") };
        assert!(root.has(&"set".into()) && !root.has(&"list".into()));
        assert!(root.below[&Part::from("set")].has(&4.into()), "all of it is shown");
    }
}
