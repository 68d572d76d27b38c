//! TypeScript types for the form in which serde writes Rust types.

use std::collections::HashSet;

use sprag_runtime::path::{Layout, Right, Schema, SchemaMember, SchemaVariant, Tags};

use super::names::{TypeNames, comment, member, quoted};

/// Arrays up to this length are written out.
const LONGEST_TUPLE: usize = 16;

/// The declarations of types that are needed so far.
#[derive(Default)]
pub(super) struct Values {
    pub(super) names: TypeNames,
    declared: HashSet<String>,
    /// The text of the declarations.
    pub(super) text: String,
    /// A sentence for each value of unknown form.
    pub(super) unknown: Vec<String>,
}

impl Values {
    /// The type of the value at `place`; sentences name the place.
    pub(super) fn of(&mut self, schema: Schema, place: &str) -> String {
        match schema.layout() {
            Layout::Leaf => schema.typescript().unwrap_or("unknown").to_owned(),
            Layout::Null => "null".into(),
            Layout::Option(inner) => format!("{} | null", self.of(inner, place)),
            Layout::Same(inner) => self.of(inner, place),
            Layout::List(inner) | Layout::Set(inner) => {
                format!("readonly {}[]", grouped(self.of(inner, place)))
            }
            Layout::Array(inner, count) => self.array(inner, count, place),
            Layout::Map(inner) => format!("Readonly<Record<string, {}>>", self.of(inner, place)),
            Layout::Tuple(parts) => {
                let parts: Vec<String> = parts.iter().map(|part| self.of(*part, place)).collect();
                format!("readonly [{}]", parts.join(", "))
            }
            Layout::Struct { tag, members, flattened } => match schema.type_id() {
                Some(_) => self.declared(schema),
                None => self.object(tag, &members, &flattened, place, ""),
            },
            Layout::Enum { .. } => self.declared(schema),
            _ => self.refuse(schema, place),
        }
    }

    fn array(&mut self, inner: Schema, count: usize, place: &str) -> String {
        let inner = self.of(inner, place);
        if count > LONGEST_TUPLE {
            return format!("readonly {}[]", grouped(inner));
        }
        format!("readonly [{}]", vec![inner; count].join(", "))
    }

    /// The name of a type, which is declared once for all rights.
    fn declared(&mut self, schema: Schema) -> String {
        let Some(id) = schema.type_id() else { return "unknown".into() };
        let name = self.names.of(id, schema.type_name());
        if !self.declared.insert(name.clone()) {
            return name;
        }
        let doc = comment(schema.type_doc(), "");
        let text = match schema.layout() {
            Layout::Struct { tag, members, flattened } => {
                let object = self.object(tag, &members, &flattened, &name, "\n");
                match flattened[..] {
                    [] => format!("export interface {name} {object}\n\n"),
                    _ => format!("export type {name} = {object};\n\n"),
                }
            }
            Layout::Enum { tags, variants } => {
                let variants = self.variants(tags, &variants, &name);
                format!("export type {name} = {variants};\n\n")
            }
            _ => String::new(),
        };
        self.text += &format!("{doc}{text}");
        name
    }

    fn variants(&mut self, tags: Tags, variants: &[SchemaVariant], owner: &str) -> String {
        let mut all = Vec::new();
        for variant in variants {
            let text = self.variant(tags, variant, owner);
            all.push(text);
        }
        if all.is_empty() { "never".into() } else { all.join(" | ") }
    }

    fn variant(&mut self, tags: Tags, variant: &SchemaVariant, owner: &str) -> String {
        let (name, place) = (quoted(variant.name), format!("{owner}.{}", variant.name));
        let tags = if variant.is_untagged { Tags::Untagged } else { tags };
        match (tags, variant.content) {
            (Tags::External, None) => name,
            (Tags::External, Some(content)) => {
                format!("{{ readonly {}: {} }}", member(variant.name), self.of(content, &place))
            }
            (Tags::Internal(tag), None) => format!("{{ readonly {}: {name} }}", member(tag)),
            (Tags::Internal(tag), Some(content)) => {
                let content = grouped(self.of(content, &place));
                format!("{{ readonly {}: {name} }} & {content}", member(tag))
            }
            (Tags::Adjacent { tag, .. }, None) => format!("{{ readonly {}: {name} }}", member(tag)),
            (Tags::Adjacent { tag, content }, Some(inner)) => {
                let (tag, content) = (member(tag), member(content));
                format!(
                    "{{ readonly {tag}: {name}; readonly {content}: {} }}",
                    self.of(inner, &place)
                )
            }
            (_, None) => "null".into(),
            (_, Some(content)) => self.of(content, &place),
        }
    }

    /// An object with members, each on its own line if `line` is a line break.
    fn object(
        &mut self,
        tag: Option<(&str, &str)>,
        members: &[SchemaMember],
        flattened: &[Schema],
        owner: &str,
        line: &str,
    ) -> String {
        let (indent, end) = if line.is_empty() { (" ", ";") } else { ("  ", ";\n") };
        let mut text = String::new();
        if let Some((tag, name)) = tag {
            text += &format!("{indent}readonly {}: {}{end}", member(tag), quoted(name));
        }
        for shown in members.iter().filter(|shown| shown.schema.right() != Right::Never) {
            let place = format!("{owner}.{}", shown.name);
            let doc = if line.is_empty() { "" } else { shown.schema.own_doc() };
            let mark = if shown.is_left_out { "?" } else { "" };
            let value = self.of(shown.schema, &place);
            text += &comment(doc, indent);
            text += &format!("{indent}readonly {}{mark}: {value}{end}", member(shown.name));
        }
        let object = match (&*text, line) {
            ("", _) => "{}".into(),
            (_, "") => format!("{{{} }}", text.trim_end_matches(';')),
            _ => format!("{{{line}{text}}}"),
        };
        let flattened = flattened.iter().map(|inner| self.flattened(*inner, owner));
        [object].into_iter().chain(flattened).collect::<Vec<_>>().join(" & ")
    }

    /// A value whose members are among those of its owner.
    fn flattened(&mut self, inner: Schema, place: &str) -> String {
        match inner.layout() {
            Layout::Option(inner) => format!("Partial<{}>", self.of(inner, place)),
            // The members are next to others, which have types of their own.
            Layout::Map(_) => "Readonly<Record<string, unknown>>".into(),
            _ => grouped(self.of(inner, place)),
        }
    }

    fn refuse(&mut self, schema: Schema, place: &str) -> String {
        let name = schema.type_name();
        let of_type = if name.is_empty() { String::new() } else { format!(" (`{name}`)") };
        self.unknown.push(format!(
            "the form in which serde writes `{place}`{of_type} is unknown; name its type in TypeScript \
             with `#[model(ts = \"…\")]`, or hide it with `#[model(browser = \"never\")]`"
        ));
        "unknown".into()
    }
}

/// The type in parentheses, if an operator could otherwise split it.
pub(super) fn grouped(ts: String) -> String {
    let is_single = |c: char| c.is_alphanumeric() || "_[]".contains(c);
    if ts.chars().all(is_single) { ts } else { format!("({ts})") }
}
