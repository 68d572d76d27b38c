//! The text of a contestant's crate.

use std::fmt::Write;

use crate::contestants::{Contestant, Kind};

/// Pairs of structs: 100 in all.
const PAIRS: usize = 50;
/// Services in all, in chains of ten.
const SERVICES: usize = 100;

/// The library: all that is checked. Each `edition` differs in the name of one field.
pub(crate) fn library(contestant: &Contestant, edition: u32) -> String {
    match &contestant.kind {
        Kind::Structs { imports, derives, .. } => structs(imports, derives, edition),
        Kind::Services { plain } => services(*plain, edition),
    }
}

/// A program that uses all of the library.
pub(crate) fn program(contestant: &Contestant) -> String {
    let krate = contestant.krate;
    let body = match &contestant.kind {
        Kind::Structs { main, .. } => {
            let uses = (0..PAIRS).map(|pair| main.each.replace("{Outer}", &format!("Outer{pair}")));
            format!("{}{}{}", main.open, uses.collect::<String>(), main.close)
        }
        Kind::Services { plain: true } => plain_program(),
        Kind::Services { plain: false } => {
            "#[tokio::main]\nasync fn main() {\n    let all = All::start().await.unwrap();\n    \
             println!(\"{}\", all.stop().await);\n}\n"
                .to_owned()
        }
    };
    format!("use {krate}::*;\n{body}")
}

/// Ten fields each: nine values and the inner struct, ten values.
fn structs(imports: &str, derives: &str, edition: u32) -> String {
    let mut text = imports.to_owned();
    for pair in 0..PAIRS {
        let last = if pair == 0 { format!("last_{edition}") } else { "last".to_owned() };
        write!(
            text,
            "
#[derive(Clone, Debug, Default, PartialEq{derives})]
pub struct Outer{pair} {{
    pub inner: Inner{pair},
    pub title: String,
    pub count: u32,
    pub enabled: bool,
    pub ratio: f64,
    pub tags: Vec<String>,
    pub parent: Option<u64>,
    pub size: usize,
    pub delta: i64,
    pub {last}: Option<String>,
}}

#[derive(Clone, Debug, Default, PartialEq{derives})]
pub struct Inner{pair} {{
    pub id: u64,
    pub name: String,
    pub level: u8,
    pub visible: bool,
    pub weight: f32,
    pub numbers: Vec<u32>,
    pub owner: Option<String>,
    pub left: i32,
    pub right: i32,
    pub note: String,
}}
"
        )
        .expect("a string takes all text");
    }
    text
}

/// Services that hold the one before in their chain, listen, and work now and then.
fn services(plain: bool, edition: u32) -> String {
    let (imports, event) = if plain {
        ("use std::sync::Arc;\n", "")
    } else {
        ("use sprag::prelude::*;\n", "#[derive(Event)]\n")
    };
    let mut text = format!(
        "use std::sync::atomic::{{AtomicU64, Ordering}};\n{imports}\n{event}pub struct Ticked(pub u64);\n"
    );
    for service in 0..SERVICES {
        let edited = if service == 0 { format!("count_{edition}") } else { "count".to_owned() };
        text += &one_service(plain, service, &edited);
    }
    if !plain {
        let names = (0..SERVICES).map(|service| format!("    Service{service},\n"));
        write!(text, "\napp! {{ pub All {{\n{}}} }}\n", names.collect::<String>())
            .expect("a string takes all text");
    }
    text
}

fn one_service(plain: bool, service: usize, count: &str) -> String {
    let holder = if plain { "Arc" } else { "Handle" };
    let attribute = |attribute: &'static str| if plain { "" } else { attribute };
    let (parameter, field, init) = match before(service) {
        Some(before) => (
            format!("before: {holder}<Service{before}>"),
            format!("    pub before: {holder}<Service{before}>,\n"),
            ", before",
        ),
        None => Default::default(),
    };
    format!(
        "
pub struct Service{service} {{
    pub {count}: AtomicU64,
{field}}}

{}impl Service{service} {{
    pub fn new({parameter}) -> Self {{
        Self {{ {count}: AtomicU64::new(0){init} }}
    }}

    pub async fn on_start(&self) {{
        self.{count}.store(1, Ordering::Relaxed);
    }}

{}    pub fn ticked(&self, event: &Ticked) {{
        self.{count}.fetch_add(event.0, Ordering::Relaxed);
    }}

{}    pub async fn sweep(&self) {{
        self.{count}.store(0, Ordering::Relaxed);
    }}
}}
",
        attribute("#[service]\n"),
        attribute("    #[listen]\n"),
        attribute("    #[interval(\"60s\")]\n"),
    )
}

/// Makes, starts and calls each plain service.
fn plain_program() -> String {
    let mut text = "use std::sync::Arc;\n\n#[tokio::main]\nasync fn main() {\n".to_owned();
    for service in 0..SERVICES {
        let before = match before(service) {
            Some(before) => format!("service{before}.clone()"),
            None => String::new(),
        };
        write!(
            text,
            "    let service{service} = Arc::new(Service{service}::new({before}));\n    \
             service{service}.on_start().await;\n    \
             service{service}.ticked(&Ticked(1));\n    \
             service{service}.sweep().await;\n"
        )
        .expect("a string takes all text");
    }
    text + "    println!(\"stopped\");\n}\n"
}

/// The service that this one holds: the one before it in its chain of ten.
fn before(service: usize) -> Option<usize> {
    (!service.is_multiple_of(10)).then(|| service - 1)
}
