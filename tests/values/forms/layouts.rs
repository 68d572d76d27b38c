//! W1: a schema describes the JSON that serde writes, one level after the other.

use std::collections::{BTreeMap, BTreeSet, BinaryHeap, LinkedList};
use std::num::Wrapping;
use std::ops::{Bound, Range};

use serde::{Deserialize, Serialize};
use sprag::path::{Address, Layout, Part, Right, Schema, SchemaMember, SchemaVariant, Tags};
use sprag::prelude::*;

use super::collections::Colour;
use super::{Adjacent, Clear, External, Internal, Mixed, Mode, New, Settings};
use super::{Shared, Tuple, Untagged, pairs};

/// The form of a value, in a line.
fn form(schema: Schema) -> String {
    match schema.layout() {
        Layout::Leaf => schema.typescript().unwrap_or("leaf").to_owned(),
        Layout::Unknown => "unknown".to_owned(),
        Layout::Null => "null".to_owned(),
        Layout::Option(inner) => format!("{}?", form(inner)),
        Layout::Same(inner) => format!("={}", form(inner)),
        Layout::List(inner) => format!("[{}]", form(inner)),
        Layout::Array(inner, count) => format!("[{}; {count}]", form(inner)),
        Layout::Set(inner) => format!("set [{}]", form(inner)),
        Layout::Map(inner) => format!("map {}", form(inner)),
        Layout::Tuple(parts) => format!("({})", all(parts.into_iter().map(form))),
        Layout::Struct { tag, members, flattened } => {
            let tag = tag.map(|(tag, name)| format!("{tag} = {name}"));
            let flattened = flattened.into_iter().map(|inner| format!("..{}", form(inner)));
            let members = members.iter().map(member);
            format!("{{{}}}", all(tag.into_iter().chain(members).chain(flattened)))
        }
        Layout::Enum { tags, variants } => {
            let tags = match tags {
                Tags::External => "external".to_owned(),
                Tags::Internal(tag) => format!("in {tag}"),
                Tags::Adjacent { tag, content } => format!("{tag} beside {content}"),
                Tags::Untagged => "untagged".to_owned(),
                _ => panic!("a new way to tag"),
            };
            format!("{tags}: {}", variants.iter().map(variant).collect::<Vec<_>>().join(" | "))
        }
        _ => panic!("a new layout"),
    }
}

fn all(parts: impl Iterator<Item = String>) -> String {
    parts.collect::<Vec<_>>().join(", ")
}

/// A member: its names, and whether it may be absent (`?`), has a default (`=`), and is not
/// a place (`!`).
fn member(member: &SchemaMember) -> String {
    let names: Vec<_> = [member.name].iter().chain(member.aliases).copied().collect();
    let mark = |is: bool, mark| if is { mark } else { "" };
    let marks =
        [mark(member.is_left_out, "?"), mark(member.has_default, "="), mark(!member.is_place, "!")];
    format!("{}{}: {}", names.join("|"), marks.concat(), form(member.schema))
}

fn variant(variant: &SchemaVariant) -> String {
    let tag = if variant.is_untagged { "untagged " } else { "" };
    let content = variant.content.map(|content| format!(" {}", form(content)));
    format!("{tag}{}{}", variant.name, content.unwrap_or_default())
}

#[test]
fn w1_values_of_the_standard_library_have_the_form_that_serde_writes() {
    type Lists = (Vec<u8>, [u8; 2], LinkedList<u8>, BinaryHeap<u8>, BTreeSet<u8>);
    let lists = "([number], [number; 2], set [number], set [number], set [number])";
    assert_eq!(form(Schema::of::<Lists>()), lists);
    type Others = (BTreeMap<String, bool>, Option<u8>, Box<u8>, Wrapping<u8>, Range<u8>, Bound<u8>);
    let bound = "external: Unbounded | Included number | Excluded number";
    let others = format!(
        "(map boolean, number?, number, =number, {{start!: number, end!: number}}, {bound})"
    );
    assert_eq!(form(Schema::of::<Others>()), others);
    assert_eq!(form(Schema::of::<std::time::Instant>()), "unknown");
}

#[test]
fn w1_enums_have_the_tags_and_contents_of_their_variants() {
    let network = "{port: number, host?: string?}";
    for (schema, expected) in [
        (
            Schema::of::<External>(),
            format!(
                "external: Named {{url: string}} | New ={network} | Both (number, {network}) | \
                 Bare =number"
            ),
        ),
        (
            Schema::of::<Internal>(),
            format!("in type: Named {{url: string}} | New ={network} | Map =map number"),
        ),
        (
            Schema::of::<Adjacent>(),
            format!(
                "t beside c: Named {{url: string, c: number}} | New ={network} | \
                 Both (number, {network})"
            ),
        ),
        (
            Schema::of::<Untagged>(),
            format!(
                "untagged: Named {{url: string}} | Both (number, {network}) | New ={network} | \
                 Bare =number"
            ),
        ),
        (
            Schema::of::<Mixed>(),
            "external: Named {url: string} | untagged Plain {path: string}".to_owned(),
        ),
        (Schema::of::<Mode>(), "in mode: idle | busy {with: string}".to_owned()),
        (Schema::of::<Colour>(), "external: dark-red | blue".to_owned()),
    ] {
        assert_eq!(form(schema), expected, "{}", schema.type_name());
    }
}

#[test]
fn w1_structs_have_the_members_that_serde_writes() {
    let network = "{port: number, host?: string?}";
    for (schema, expected) in [
        (
            Schema::of::<Settings>(),
            format!(
                "{{maxVolume: number, lang.code: string, theirs: number, ..{network}, \
                 ..{{proxy_port: number}}?, ..in mode: idle | busy {{with: string}}}}"
            ),
        ),
        (Schema::of::<Clear>(), format!("={network}")),
        (Schema::of::<New>(), format!("={network}")),
        (Schema::of::<Tuple>(), format!("({network}, number)")),
        (Schema::of::<Shared>(), format!("{{node: unknown, boxed: {network}}}")),
    ] {
        assert_eq!(form(schema), expected, "{}", schema.type_name());
    }
}

/// Each particularity of a field.
#[derive(Model, Clone, Default, Serialize, Deserialize)]
#[serde(tag = "kind", rename = "all", rename_all = "camelCase")]
struct Fields {
    /// In metres.
    #[serde(default, alias = "long", alias = "wide")]
    new_name: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    left_out: Option<u8>,
    #[serde(skip)]
    gone: u8,
    #[model(ts = "Date")]
    time: String,
    #[serde(with = "pairs")]
    pairs: BTreeMap<String, u8>,
    #[model(skip)]
    other: u8,
    /// No place.
    #[model(skip, ts = "string")]
    #[serde(default)]
    named: u8,
}

/// Each particularity of a variant.
#[derive(Model, Clone, Default, Serialize, Deserialize)]
enum Variants {
    #[default]
    Nothing,
    #[serde(skip)]
    Gone,
    /// A pair.
    Pair {
        #[model(skip)]
        first: u8,
        second: u8,
    },
    #[serde(with = "pairs")]
    Pairs(BTreeMap<String, u8>),
}

#[test]
fn w1_fields_and_variants_have_the_particularities_that_their_attributes_give() {
    let fields = "{kind = all, newName|long|wide=: number, leftOut?: number?, time: Date, \
                  pairs: unknown, other!: unknown, named=!: string}";
    assert_eq!(form(Schema::of::<Fields>()), fields);
    let variants = "external: Nothing | Pair {second: number, first!: unknown} | Pairs unknown";
    assert_eq!(form(Schema::of::<Variants>()), variants);
}

#[test]
fn w1_a_schema_has_the_documentation_and_the_type_of_its_place() {
    let schema = Schema::of::<Fields>();
    let Layout::Struct { members, .. } = schema.layout() else { panic!("a struct") };
    let docs = |schema: Schema| (schema.doc(), schema.own_doc(), schema.type_doc());
    let of_type = "Each particularity of a field.";
    assert_eq!(docs(schema), (of_type, "", of_type));
    assert_eq!(docs(members[0].schema), ("In metres.", "In metres.", ""));
    assert_eq!(docs(members[5].schema), ("No place.", "No place.", ""));
    assert_eq!(docs(members[1].schema), ("", "", ""));
    let kind = |schema: Schema| (schema.type_name(), schema.type_id(), schema.typescript());
    let (number, fields) = (std::any::TypeId::of::<u8>(), std::any::TypeId::of::<Fields>());
    assert_eq!(kind(schema), (std::any::type_name::<Fields>(), Some(fields), None));
    assert_eq!(kind(members[0].schema), ("u8", Some(number), Some("number")));
    assert_eq!(members[2].schema.typescript(), Some("Date"));
    assert_eq!(members[3].schema.typescript(), None, "its form is unknown");
    assert_eq!(kind(members[5].schema), ("", None, Some("string")));

    let Layout::Enum { variants, .. } = Schema::of::<Variants>().layout() else {
        panic!("an enum")
    };
    let content = variants[1].content.expect("it has a content");
    assert_eq!((variants[1].doc, docs(content)), ("A pair.", ("A pair.", "A pair.", "")));
    assert_eq!(kind(content), ("", None, None));
}

#[test]
fn w4_a_place_is_named_as_in_the_json_of_its_variant() {
    let has = |schema: Schema, places: &[&str]| {
        let rights = |place: &&str| schema.rights(&Address::parse(place).expect("a place"));
        places.iter().map(|place| rights(place).is_some()).collect::<Vec<_>>()
    };
    for (schema, present, absent) in [
        (
            Schema::of::<External>(),
            &["Named.url", "New", "New.port", "Both.0", "Both.1.port", "Bare"][..],
            &["named", "url", "port", "Both.2", "Both.2.port", "Other", "Named.url.0"][..],
        ),
        (Schema::of::<Mode>(), &["with"], &["busy", "busy.with", "mode", "c"]),
        (
            Schema::of::<Adjacent>(),
            &["c", "c.url", "c.c", "c.port", "c.0", "c.1.port"],
            &["t", "url", "port", "Named", "Named.url", "c.2"],
        ),
        (Schema::of::<Untagged>(), &["url", "0", "1.port", "port"], &["Named", "New", "c", "2"]),
        (Schema::of::<Mixed>(), &["Named", "Named.url", "path"], &["url", "Plain", "Plain.path"]),
        (Schema::of::<BTreeSet<u8>>(), &[], &["7", "name"]),
        (Schema::of::<LinkedList<u8>>(), &[""], &["7", "name"]),
        (Schema::of::<Settings>(), &["theirs", "host", "proxy_port"], &["mine", "network"]),
    ] {
        let name = schema.type_name();
        assert_eq!(has(schema, present), vec![true; present.len()], "{name}: {present:?}");
        assert_eq!(has(schema, absent), vec![false; absent.len()], "{name}: {absent:?}");
    }
    let member = Address::from_iter([Part::Member(7.into())]);
    assert!(Schema::of::<BTreeSet<u8>>().rights(&member).is_some());
    assert!(Schema::of::<Vec<BTreeSet<u8>>>().rights(&member).is_some(), "any element");
    assert_eq!(Schema::of::<External>().right(), Right::Read);
}
