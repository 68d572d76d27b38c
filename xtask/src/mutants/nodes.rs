//! The extent of the expressions that mutants change, of which `cargo mutants` names a token.

use std::collections::HashMap;

use proc_macro2::LineColumn;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{Arm, Expr, ExprBinary, ExprLet, ExprStruct, ExprUnary, Pat};

use super::list::Point;

/// A range of a file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Extent {
    pub(crate) start: Point,
    pub(crate) end: Point,
}

/// The pattern of an arm, and its guard.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ArmParts {
    pub(crate) pattern: Extent,
    pub(crate) guard: Option<Extent>,
}

/// The expressions of a file, each by the place that a mutant of it has.
#[derive(Debug, Default)]
pub(crate) struct Expressions {
    /// By the place of the operator. Conditions with `let` are left out: they cannot be
    /// operands of another `if`.
    pub(crate) binary: HashMap<Point, Extent>,
    /// By the place of the operator.
    pub(crate) unary: HashMap<Point, Extent>,
    /// By the beginning of the arm. Arms whose guards have a `let` are left out.
    pub(crate) arms: HashMap<Point, ArmParts>,
    /// By the beginning of each field.
    pub(crate) structs: HashMap<Point, Extent>,
}

impl Expressions {
    pub(crate) fn of(text: &str) -> syn::Result<Self> {
        let mut nodes = Self::default();
        nodes.visit_file(&syn::parse_file(text)?);
        Ok(nodes)
    }
}

impl<'ast> Visit<'ast> for Expressions {
    fn visit_expr_binary(&mut self, node: &'ast ExprBinary) {
        if !has_let(&node.left) && !has_let(&node.right) {
            self.binary.insert(extent(&node.op).start, extent(node));
        }
        visit::visit_expr_binary(self, node);
    }

    fn visit_expr_unary(&mut self, node: &'ast ExprUnary) {
        self.unary.insert(extent(&node.op).start, extent(node));
        visit::visit_expr_unary(self, node);
    }

    fn visit_arm(&mut self, node: &'ast Arm) {
        let (pattern, guard) = match &node.pat {
            Pat::Guard(guarded) => (&*guarded.pat, Some(&*guarded.guard)),
            pattern => (pattern, None),
        };
        if !guard.is_some_and(has_let) {
            let parts = ArmParts { pattern: extent(pattern), guard: guard.map(extent) };
            self.arms.insert(extent(node).start, parts);
        }
        visit::visit_arm(self, node);
    }

    fn visit_expr_struct(&mut self, node: &'ast ExprStruct) {
        for field in &node.fields {
            self.structs.insert(extent(field).start, extent(node));
        }
        visit::visit_expr_struct(self, node);
    }
}

fn extent(node: &impl Spanned) -> Extent {
    let span = node.span();
    Extent { start: point(span.start()), end: point(span.end()) }
}

fn point(at: LineColumn) -> Point {
    Point { line: at.line, column: at.column + 1 }
}

/// Whether `condition` is a chain with a `let`.
fn has_let(condition: &Expr) -> bool {
    struct Found(bool);
    impl<'ast> Visit<'ast> for Found {
        fn visit_expr_let(&mut self, _: &'ast ExprLet) {
            self.0 = true;
        }
        // The conditions inside a block, a closure or parentheses are conditions of their own.
        fn visit_block(&mut self, _: &'ast syn::Block) {}
        fn visit_expr_if(&mut self, _: &'ast syn::ExprIf) {}
        fn visit_expr_closure(&mut self, _: &'ast syn::ExprClosure) {}
        fn visit_expr_match(&mut self, _: &'ast syn::ExprMatch) {}
    }
    let mut found = Found(false);
    found.visit_expr(condition);
    found.0
}
