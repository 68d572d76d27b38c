//! [`ParsedFrame`]: a frame that is parsed once for all connections that show only some
//! places.

use std::ops::Range;

use serde::Deserialize;
use serde_json::value::RawValue;
use sprag_runtime::path::{Address, Part};

use crate::live::shown_places::{Meeting, ShownPlaces};

/// The positions of a commit's ops in its frame, and the pages that made the commit.
#[derive(Debug, Default)]
pub(crate) struct ParsedFrame {
    /// The tags of the pages.
    tags: Vec<String>,
    by: Option<Range<usize>>,
    ops: Vec<(Address, Range<usize>)>,
}

/// The data of a frame.
#[derive(Deserialize)]
struct FrameData<'a> {
    #[serde(borrow, default)]
    by: Option<&'a RawValue>,
    #[serde(borrow)]
    ops: Vec<&'a RawValue>,
}

/// The pages that made a commit: one or several.
#[derive(Deserialize)]
#[serde(untagged)]
enum FrameBy {
    One((String, u64)),
    Several(Vec<(String, u64)>),
}

impl ParsedFrame {
    /// Parses the frame `data`, the JSON of a `change`.
    pub(crate) fn of(data: &str) -> serde_json::Result<Self> {
        let FrameData { by, ops } = serde_json::from_str(data)?;
        let range = |part: &RawValue| {
            let start = part.get().as_ptr() as usize - data.as_ptr() as usize;
            start..start + part.get().len()
        };
        let tags = match by.map(|by| serde_json::from_str(by.get())).transpose()? {
            Some(FrameBy::One((tag, _))) => vec![tag],
            Some(FrameBy::Several(several)) => several.into_iter().map(|(tag, _)| tag).collect(),
            None => Vec::new(),
        };
        let place = |op: &RawValue| Ok((place_of(op.get())?, range(op)));
        let ops = ops.into_iter().map(place).collect::<serde_json::Result<_>>()?;
        Ok(Self { tags, by: by.map(range), ops })
    }

    /// Whether one of the pages that `is_own` selects made the commit.
    pub(crate) fn is_by(&self, is_own: impl Fn(&str) -> bool) -> bool {
        self.tags.iter().any(|tag| is_own(tag))
    }

    /// The members `by` and `ops` of the frame, narrowed to `places`; and whether any op is
    /// left.
    pub(crate) fn narrowed(
        &self,
        data: &str,
        places: &ShownPlaces,
    ) -> serde_json::Result<(String, bool)> {
        let mut members = String::new();
        if let Some(by) = self.by.clone() {
            members.push_str(&format!("\"by\":{},", &data[by]));
        }
        members.push_str("\"ops\":[");
        let mut has_op = false;
        for (place, range) in &self.ops {
            let op = &data[range.clone()];
            let shown = match places.meet(place) {
                Meeting::Outside => None,
                Meeting::Within => Some(op.to_owned()),
                Meeting::Above(below) => projected(op, below)?,
            };
            let Some(shown) = shown else { continue };
            if std::mem::replace(&mut has_op, true) {
                members.push(',');
            }
            members.push_str(&shown);
        }
        members.push(']');
        Ok((members, has_op))
    }
}

fn place_of(op: &str) -> serde_json::Result<Address> {
    let elements: Vec<&RawValue> = serde_json::from_str(op)?;
    serde_json::from_str(elements.get(1).map_or("[]", |place| place.get()))
}

/// The effect of an op at the places `below` its own.
fn projected(op: &str, below: &ShownPlaces) -> serde_json::Result<Option<String>> {
    let elements: Vec<&RawValue> = serde_json::from_str(op)?;
    let [kind, place, rest @ ..] = &elements[..] else { return Ok(None) };
    let (kind, place) = (kind.get(), place.get());
    match kind {
        "\"=\"" | "\"+\"" => {
            let mut shown = format!("[{kind},{place}");
            for value in rest {
                shown.push(',');
                below.project(value, &mut shown)?;
            }
            shown.push(']');
            Ok(Some(shown))
        }
        "\"-\"" => match rest {
            [] => Ok(Some(op.to_owned())),
            [parts, ..] => {
                let parts: Vec<Part> = serde_json::from_str(parts.get())?;
                let gone: Vec<&Part> = parts.iter().filter(|part| below.has(part)).collect();
                let shown = format!("[{kind},{place},{}]", serde_json::to_string(&gone)?);
                Ok((!gone.is_empty()).then_some(shown))
            }
        },
        // The order of a map's members, which JSON does not have.
        _ => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use sprag_runtime::path::Schema;

    use super::*;

    type Rooms = std::collections::BTreeMap<String, std::collections::BTreeMap<String, u8>>;

    /// The ops that a page of `rooms.a.x` gets, and whether there are any.
    fn narrowed(ops: &Value) -> (Value, bool) {
        let data = json!({ "s": "rooms", "by": ["page", 3], "ops": ops }).to_string();
        let place: Address = ["a", "x"].map(Part::from).into_iter().collect();
        let places = ShownPlaces::of(Schema::of::<Rooms>(), &[place]).expect("a place");
        let parsed = ParsedFrame::of(&data).expect("a change");
        assert!(parsed.is_by(|tag| tag == "page") && !parsed.is_by(|tag| tag == "other"));
        let (members, has_op) = parsed.narrowed(&data, &places).expect("JSON");
        let members: Value = serde_json::from_str(&format!("{{{members}}}")).expect("JSON");
        assert_eq!(members["by"], json!(["page", 3]));
        (members["ops"].clone(), has_op)
    }

    #[test]
    fn w2_a_page_of_a_place_gets_the_part_of_an_op_that_concerns_it() {
        for (op, shown) in [
            (json!(["=", ["a", "x"], 1]), json!([["=", ["a", "x"], 1]])),
            (json!(["=", ["a", "y"], 1]), json!([])),
            (json!(["=", ["a"], { "x": 1, "y": 2 }]), json!([["=", ["a"], { "x": 1 }]])),
            (json!(["+", ["a"], { "y": 2 }]), json!([["+", ["a"], {}]])),
            (json!(["-", ["a"]]), json!([["-", ["a"]]])),
            (json!(["-", ["a"], ["x", "y"]]), json!([["-", ["a"], ["x"]]])),
            (json!(["-", ["a"], ["y"]]), json!([])),
            (json!(["~", ["a"], 0, [1, 0]]), json!([])),
        ] {
            let has_op = shown != json!([]);
            assert_eq!(narrowed(&json!([op])), (shown, has_op));
        }
        let two = json!([["=", ["a", "x"], 1], ["=", ["b"], {}], ["=", ["a", "x"], 2]]);
        assert_eq!(narrowed(&two).0, json!([["=", ["a", "x"], 1], ["=", ["a", "x"], 2]]));
    }
}
