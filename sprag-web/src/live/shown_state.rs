//! [`shown_state`]: the first state of a page of some places.
//!
//! The text is that of the whole state's JSON without the other members. Its cost depends
//! on the values at the places.

use serde_json::value::RawValue;
use sprag_runtime::path::{Address, Layout, Part, Schema, State};
use sprag_runtime::{ToJsonState, json_at};

use crate::live::hiding::{at, pruned};
use crate::live::shown_places::ShownPlaces;

/// The parts do not determine the shown state; the whole state's JSON does.
#[derive(Debug)]
pub(crate) struct Unclear;

/// The shown part of `state`.
pub(crate) fn shown_state<T: State + ToJsonState>(
    state: &T,
    places: &ShownPlaces,
) -> Result<Box<RawValue>, Unclear> {
    let schema = Schema::of::<T>();
    let read = |place: &Address| read(state, schema, place);
    let root = ShownNode { schema, read: &read, presence: Presence::Always };
    let json = root.shown(&Address::default(), places)?.ok_or(Unclear)?;
    RawValue::from_string(json).map_err(|_| Unclear)
}

/// The JSON at a place, as browsers see it; `None` where nothing is there.
fn read<T: State + ToJsonState>(
    state: &T,
    schema: Schema,
    place: &Address,
) -> Result<Option<String>, Unclear> {
    let json = match json_at(state, place) {
        Ok(json) => json,
        Err(error) if error.is_not_found() => return Ok(None),
        Err(_) => return Err(Unclear),
    };
    if !schema.hides() {
        return Ok(Some(json));
    }
    let mut schemas = at(schema, place).into_iter();
    let shown = schemas.try_fold(json, |json, schema| pruned(schema, &json));
    shown.map(Some).map_err(|_| Unclear)
}

/// A place of the type, and how values are read.
#[derive(Clone, Copy)]
struct ShownNode<'a> {
    /// The whole type, as browsers see it.
    schema: Schema,
    read: &'a dyn Fn(&Address) -> Result<Option<String>, Unclear>,
    presence: Presence,
}

/// Whether a value is there.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Presence {
    /// In every state.
    Always,
    /// In some states.
    Sometimes,
    /// In some states; or serde leaves it out, which reads as `null`.
    LeftOut,
}

impl ShownNode<'_> {
    /// The shown part of the value at `place`; `None` where nothing is there.
    fn shown(self, place: &Address, places: &ShownPlaces) -> Result<Option<String>, Unclear> {
        if places.is_whole() {
            return self.value(place);
        }
        let mut members = Vec::new();
        for (part, below) in places.below() {
            let Part::Name(name) = part else { continue };
            let mut inner = place.clone();
            inner.push(part.clone());
            let presence = self.presence_of(place, part);
            match (Self { presence, ..self }).shown(&inner, below) {
                Ok(Some(shown)) => {
                    let name = serde_json::to_string(name).map_err(|_| Unclear)?;
                    members.push(format!("{name}:{shown}"));
                }
                Ok(None) => {}
                Err(Unclear) => return self.projected(place, places),
            }
        }
        let is_object = self.presence == Presence::Always && self.is_object(place);
        if is_object || !members.is_empty() {
            return Ok(Some(format!("{{{}}}", members.join(","))));
        }
        self.projected(place, places)
    }

    fn value(self, place: &Address) -> Result<Option<String>, Unclear> {
        match (self.read)(place)? {
            Some(json) if json == "null" && self.presence == Presence::LeftOut => Err(Unclear),
            json => Ok(json),
        }
    }

    /// The shown part of a value whose members by themselves do not determine it.
    fn projected(self, place: &Address, places: &ShownPlaces) -> Result<Option<String>, Unclear> {
        let Some(json) = self.value(place)? else { return Ok(None) };
        let json = RawValue::from_string(json).map_err(|_| Unclear)?;
        let shown = places.projected(&json).map_err(|_| Unclear)?;
        Ok(Some(shown.get().to_owned()))
    }

    /// Whether the value at `place`, if there is one, is an object with JSON's members.
    fn is_object(self, place: &Address) -> bool {
        at(self.schema, place)
            .iter()
            .all(|schema| matches!(plain(*schema).layout(), Layout::Struct { .. } | Layout::Map(_)))
    }

    /// Whether the member `part` of the value at `place` is there.
    fn presence_of(self, place: &Address, part: &Part) -> Presence {
        let presences = at(self.schema, place).into_iter().map(|schema| {
            let Layout::Struct { members, .. } = plain(schema).layout() else {
                let is_map = matches!(plain(schema).layout(), Layout::Map(_));
                return if is_map { Presence::Sometimes } else { Presence::LeftOut };
            };
            match members.iter().find(|member| *part == Part::from(member.name)) {
                Some(member) if !member.is_left_out => self.presence.min(Presence::Sometimes),
                _ => Presence::LeftOut,
            }
        });
        presences.max().unwrap_or(Presence::LeftOut)
    }
}

/// The type that serde writes in the place of a `schema`.
fn plain(schema: Schema) -> Schema {
    match schema.layout() {
        Layout::Same(inner) => plain(inner),
        _ => schema,
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::collections::BTreeMap;

    use serde::{Deserialize, Serialize, Serializer};
    use serde_json::value::to_raw_value;
    use sprag::prelude::*;

    use super::*;

    thread_local! {
        /// How many rooms this thread has serialised.
        static SERIALISED: Cell<usize> = const { Cell::new(0) };
    }

    #[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
    struct House {
        rooms: BTreeMap<String, Parlour>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        door: Option<Door>,
        bell: Option<Parlour>,
        lamp: Lamp,
        wrapped: Wrapped,
    }

    #[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
    struct Parlour {
        title: String,
        #[serde(serialize_with = "counted", default)]
        #[model(ts = "number")]
        size: u8,
        #[serde(default)]
        #[model(browser = "never")]
        code: String,
    }

    #[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
    struct Door {
        open: bool,
    }

    #[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
    enum Lamp {
        #[default]
        Off,
        Dimmed {
            room: Parlour,
        },
        Coloured {
            red: Option<u8>,
        },
    }

    #[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
    struct Wrapped(Parlour);

    fn counted<S: Serializer>(size: &u8, serializer: S) -> Result<S::Ok, S::Error> {
        SERIALISED.with(|count| count.set(count.get() + 1));
        size.serialize(serializer)
    }

    fn room(title: &str) -> Parlour {
        Parlour { title: title.to_owned(), size: 1, code: "secret".to_owned() }
    }

    fn states() -> Vec<House> {
        let rooms = || [("a", room("a")), ("b", room("b"))].map(|(n, r)| (n.to_owned(), r));
        let full = House {
            rooms: rooms().into(),
            door: Some(Door { open: true }),
            bell: Some(room("bell")),
            lamp: Lamp::Dimmed { room: room("lamp") },
            wrapped: Wrapped(room("wrapped")),
        };
        let red = House { lamp: Lamp::Coloured { red: None }, bell: None, ..full.clone() };
        vec![House::default(), full, red]
    }

    fn address(text: &str) -> Address {
        text.split('.').filter(|part| !part.is_empty()).map(Part::from).collect()
    }

    #[test]
    fn w2_a_page_of_some_places_gets_what_the_whole_state_has_there() {
        let all = [
            "",
            "rooms",
            "rooms.a",
            "rooms.b.title",
            "rooms.c.title",
            "door",
            "door.open",
            "bell",
            "bell.title",
            "lamp",
            "lamp.Dimmed",
            "lamp.Dimmed.room",
            "lamp.Dimmed.room.title",
            "lamp.Coloured.red",
            "wrapped",
            "wrapped.title",
        ];
        let schema = Schema::of::<House>();
        for (state, first) in states().iter().flat_map(|state| all.map(|first| (state, first))) {
            for second in all {
                let addresses = [address(first), address(second)];
                let places = ShownPlaces::of(schema, &addresses).expect("they are places");
                let json = to_raw_value(state).expect("it is JSON");
                let whole = pruned(schema, json.get()).expect("it is as the schema says");
                let whole = RawValue::from_string(whole).expect("it is JSON");
                let expected = places.projected(&whole).expect("it is JSON");
                let found = shown_state(state, &places).expect("it is clear");
                let value = |json: &RawValue| -> serde_json::Value {
                    serde_json::from_str(json.get()).expect("it is JSON")
                };
                assert_eq!(value(&found), value(&expected), "{first} {second} of {state:?}");
            }
        }
    }

    #[test]
    fn w6_the_first_state_of_places_costs_the_values_there() {
        let rooms = (0..1_000).map(|n| (n.to_string(), room("a room"))).collect();
        let state = House { rooms, ..House::default() };
        let schema = Schema::of::<House>();
        for (place, count) in [("rooms.7", 1), ("rooms.7.title", 0), ("rooms.absent", 0)] {
            let places = ShownPlaces::of(schema, &[address(place)]).expect("it is a place");
            SERIALISED.set(0);
            shown_state(&state, &places).expect("it is clear");
            assert_eq!(SERIALISED.get(), count, "{place}");
        }
    }
}
