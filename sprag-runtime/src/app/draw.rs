//! The graph of an app's services in the languages of graph drawing programs.

use std::fmt::Write as _;

use super::Application;
use super::graph::relations;
use super::node::ServiceNode;

/// The graph of app `A` in the language of Mermaid.
pub fn mermaid<A: Application>() -> String {
    let language = Language {
        begin: "graph TD\n",
        node: |at, name| format!("    s{at}[\"{}\"]\n", mermaid_text(name)),
        depends_on: |at, other| format!("    s{at} --> s{other}\n"),
        wants: |at, other| format!("    s{at} -.-> s{other}\n"),
        end: "",
    };
    language.draw(A::__NODES)
}

/// The graph of app `A` in the language of Graphviz.
pub fn dot<A: Application>() -> String {
    let language = Language {
        begin: "digraph {\n",
        node: |at, name| format!("    s{at} [label=\"{}\"];\n", dot_text(name)),
        depends_on: |at, other| format!("    s{at} -> s{other};\n"),
        wants: |at, other| format!("    s{at} -> s{other} [style=dashed];\n"),
        end: "}\n",
    };
    language.draw(A::__NODES)
}

/// How a language writes a graph, line by line.
struct Language {
    begin: &'static str,
    node: fn(usize, &str) -> String,
    depends_on: fn(usize, usize) -> String,
    wants: fn(usize, usize) -> String,
    end: &'static str,
}

impl Language {
    fn draw(&self, nodes: &[ServiceNode]) -> String {
        let mut text = self.begin.to_owned();
        for (at, node) in nodes.iter().enumerate() {
            text += &(self.node)(at, node.name);
        }
        for (at, relations) in relations(nodes).into_iter().enumerate() {
            for &other in &relations.depends_on {
                text += &(self.depends_on)(at, other);
            }
            for other in relations.wants.into_iter().filter(|o| !relations.depends_on.contains(o)) {
                text += &(self.wants)(at, other);
            }
        }
        text + self.end
    }
}

/// `name` as Mermaid needs it in a quoted label, where `Db<Primary>` would be HTML.
fn mermaid_text(name: &str) -> String {
    let mut text = String::new();
    for letter in name.chars() {
        match letter {
            '"' | '<' | '>' | '#' => _ = write!(text, "#{};", u32::from(letter)),
            letter => text.push(letter),
        }
    }
    text
}

fn dot_text(name: &str) -> String {
    name.replace('\\', "\\\\").replace('"', "\\\"")
}
