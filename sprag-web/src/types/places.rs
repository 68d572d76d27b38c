//! The places of a store, with the browsers' rights.

use std::any::TypeId;
use std::collections::HashMap;

use sprag_runtime::path::{Address, Layout, Right, Rights, Schema, SchemaMember, Tags};

use super::names::{comment, member, quoted};
use super::values::Values;

/// The declarations of places that are needed so far.
pub(super) struct Places<'a> {
    pub(super) values: &'a mut Values,
    declared: HashMap<(TypeId, Right), String>,
    pub(super) text: String,
}

/// A place below another one, by name.
struct ChildPlace {
    name: &'static str,
    schema: Schema,
    certainty: Certainty,
}

/// Whether a place can be absent.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Certainty {
    Certain,
    MayLack,
}

/// The way to a place from the place around it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum ReachedBy {
    /// By the name of a member; the root has a name, too.
    Name,
    /// By a key or an index.
    Key,
}

impl<'a> Places<'a> {
    pub(super) fn new(values: &'a mut Values) -> Self {
        Self { values, declared: HashMap::new(), text: String::new() }
    }

    /// The type of a place and of those below it.
    pub(super) fn of(&mut self, schema: Schema, by: ReachedBy, owner: &str) -> String {
        let own = self.own(schema, by, owner);
        match inside(schema).layout() {
            Layout::List(inner) | Layout::Array(inner, _) => {
                format!("ListOf<{own}, {}>", self.of(inner, ReachedBy::Key, owner))
            }
            Layout::Map(inner) => {
                format!("MapOf<{own}, {}>", self.of(inner, ReachedBy::Key, owner))
            }
            _ => match self.members(inside(schema)) {
                Some(members) => format!("{own} & {members}"),
                None => own,
            },
        }
    }

    /// The place itself.
    fn own(&mut self, schema: Schema, by: ReachedBy, owner: &str) -> String {
        let value = self.values.of(schema, owner);
        let Some(rights) = schema.rights(&Address::default()) else { return "unknown".into() };
        if let Layout::Set(member) = inside(schema).layout() {
            return self.set(schema, member, rights, owner);
        }
        let can_set = rights.set().is_ok() && !(by == ReachedBy::Key && rights.hides());
        let mut brands = Vec::new();
        match (can_set, rights.insert().is_ok(), rights.remove().is_ok()) {
            (true, true, true) => brands.push(format!("Resizable<{value}>")),
            (true, ..) => brands.push(format!("Writable<{value}>")),
            (_, false, false) => brands.push(format!("Readable<{value}>")),
            (_, insert, remove) => {
                brands.extend(insert.then(|| format!("Insertable<{value}>")));
                brands.extend(remove.then(|| format!("Removable<{value}>")));
            }
        }
        brands.join(" & ")
    }

    /// A set; a member with hidden places cannot be added or deleted.
    fn set(&mut self, schema: Schema, member: Schema, rights: Rights, owner: &str) -> String {
        let value = self.values.of(schema, owner);
        let brand = if rights.set().is_ok() { "Writable" } else { "Readable" };
        let place = format!("{brand}<{value}>");
        let is_resizable = rights.insert().is_ok() && rights.remove().is_ok() && !rights.hides();
        if !is_resizable {
            return place;
        }
        format!("{place} & SetOf<{}>", self.values.of(member, owner))
    }

    /// The name of the interface with the places below; `None` if there are none.
    fn members(&mut self, schema: Schema) -> Option<String> {
        let below = below(schema, Certainty::Certain);
        let id = schema.type_id().filter(|_| !below.is_empty())?;
        if let Some(known) = self.declared.get(&(id, schema.right())) {
            return Some(known.clone());
        }
        let mark = if schema.right() == Right::Write { "Writable" } else { "" };
        let name = self.values.names.of(id, schema.type_name());
        let interface = format!("{mark}{name}Places");
        self.declared.insert((id, schema.right()), interface.clone());
        let mut members = String::new();
        for ChildPlace { name: part, schema, .. } in below {
            let place = self.of(schema, ReachedBy::Name, &format!("{name}.{part}"));
            members += &comment(schema.own_doc(), "  ");
            members += &format!("  readonly {}: {place};\n", member(part));
        }
        self.text += &format!("export interface {interface} {{\n{members}}}\n\n");
        Some(interface)
    }

    /// The places without keys, as text.
    pub(super) fn texts(&mut self, schema: Schema) -> String {
        let mut lines = String::new();
        let told = self.values.unknown.len();
        self.texts_below(schema, "", Certainty::Certain, &mut Vec::new(), &mut lines);
        // Each of them is reported as a place already.
        self.values.unknown.truncate(told);
        lines
    }

    fn texts_below(
        &mut self,
        schema: Schema,
        text: &str,
        certainty: Certainty,
        around: &mut Vec<TypeId>,
        lines: &mut String,
    ) {
        let is_option = matches!(schema.layout(), Layout::Option(_));
        let schema = inside(schema);
        let Some(id) = schema.type_id().filter(|id| !around.contains(id)) else { return };
        around.push(id);
        let certainty = if is_option { Certainty::MayLack } else { certainty };
        for ChildPlace { name, schema, certainty } in below(schema, certainty) {
            let part = if is_plain(name) { name.to_owned() } else { quoted(name) };
            let place = if text.is_empty() { part } else { format!("{text}.{part}") };
            let absent = if certainty == Certainty::MayLack { " | undefined" } else { "" };
            let value = self.values.of(schema, &place);
            *lines += &format!("  {}: {value}{absent};\n", member(&place));
            self.texts_below(schema, &place, certainty, around, lines);
        }
        around.pop();
    }
}

/// The schema inside an `Option` or a newtype.
fn inside(mut schema: Schema) -> Schema {
    while let Layout::Option(inner) | Layout::Same(inner) = schema.layout() {
        schema = inner;
    }
    schema
}

/// Whether a part of a text needs no quotes.
fn is_plain(name: &str) -> bool {
    !name.is_empty() && !name.contains(['.', '"', '[', ']']) && !name.starts_with(['/', '?'])
}

/// The places below that browsers see. For variants with the same name, the first counts.
fn below(schema: Schema, certainty: Certainty) -> Vec<ChildPlace> {
    let mut found: Vec<ChildPlace> = Vec::new();
    collect(schema, certainty, &mut found);
    let mut seen = Vec::new();
    found.retain(|place| {
        let is_first = !seen.contains(&place.name);
        seen.push(place.name);
        is_first
    });
    found
}

fn collect(schema: Schema, certainty: Certainty, found: &mut Vec<ChildPlace>) {
    match schema.layout() {
        Layout::Option(inner) => collect(inner, Certainty::MayLack, found),
        Layout::Same(inner) => collect(inner, certainty, found),
        Layout::Struct { members, flattened, .. } => {
            let is_shown =
                |shown: &&SchemaMember| shown.is_place && shown.schema.right() != Right::Never;
            found.extend(members.iter().filter(is_shown).map(|shown| ChildPlace {
                name: shown.name,
                schema: shown.schema,
                certainty: if shown.is_left_out { Certainty::MayLack } else { certainty },
            }));
            flattened.into_iter().for_each(|inner| collect(inner, certainty, found));
        }
        Layout::Enum { tags, variants } => {
            for variant in variants {
                let Some(content) = variant.content else { continue };
                match tags {
                    Tags::External => {
                        found.push(ChildPlace {
                            name: variant.name,
                            schema: content,
                            certainty: Certainty::MayLack,
                        });
                    }
                    Tags::Adjacent { content: name, .. } => {
                        found.push(ChildPlace {
                            name,
                            schema: content,
                            certainty: Certainty::MayLack,
                        });
                    }
                    _ => collect(content, Certainty::MayLack, found),
                }
            }
        }
        _ => {}
    }
}
