//! S9: an app's graph as text to draw.

use std::marker::PhantomData;

use sprag::prelude::*;

pub struct Primary;

pub struct Db<T: 'static>(PhantomData<T>);

#[service]
impl<T: Send + Sync> Db<T> {
    fn new() -> Self {
        Self(PhantomData)
    }
}

pub struct Metrics;

#[service(depends_on(Db<Primary>))]
impl Metrics {
    fn new() -> Self {
        Self
    }
}

pub struct Mailer;

#[service(wants(Metrics))]
impl Mailer {
    fn new(_db: Handle<Db<Primary>>, _gone: Option<Handle<Gone>>) -> Self {
        Self
    }
}

pub struct Gone;

app! { Shop { Mailer, Db<Primary>, Metrics } }

#[test]
fn s9_mermaid_has_each_service_and_each_edge() {
    let graph = "\
graph TD
    s0[\"Mailer\"]
    s1[\"Db#60;Primary#62;\"]
    s2[\"Metrics\"]
    s0 --> s1
    s0 -.-> s2
    s2 --> s1
";
    assert_eq!(Shop::mermaid(), graph);
}

#[test]
fn s9_dot_has_each_service_and_each_edge() {
    let graph = "\
digraph {
    s0 [label=\"Mailer\"];
    s1 [label=\"Db<Primary>\"];
    s2 [label=\"Metrics\"];
    s0 -> s1;
    s0 -> s2 [style=dashed];
    s2 -> s1;
}
";
    assert_eq!(Shop::dot(), graph);
}
