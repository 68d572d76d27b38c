//! The rule for the failure of a service or of one of its tasks: `report`, `restart(3,
//! "10s")`.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned as _;
use syn::{Expr, ExprLit, Lit};

use super::duration::millis;
use crate::errors::Errors;
use crate::options::Opt;
use crate::tokens::{generated_span, text};

/// The rule of a service or a task.
pub(crate) struct OnFailureOption {
    span: Span,
    rule: Rule,
}

enum Rule {
    StopApp,
    Report,
    /// The number of restarts, and the period, as an expression.
    Restart(Expr, TokenStream),
}

const RULES: &str = "`stop_app`, `report` or `restart(3, \"10s\")`";

impl OnFailureOption {
    /// The rule in `on_failure = report`.
    pub(crate) fn rule(option: &Opt, errors: &Errors) -> Option<Self> {
        let value: Expr = option.expect_equals(errors, "a rule", "restart(3, \"10s\")")?;
        let rule = match &value {
            Expr::Path(path) if path.path.is_ident("stop_app") => Rule::StopApp,
            Expr::Path(path) if path.path.is_ident("report") => Rule::Report,
            value => match restart(value, "restart", errors)? {
                Some(rule) => rule,
                None => {
                    errors.at(value, format!("`on_failure` is one of {RULES}; write one"));
                    return None;
                }
            },
        };
        Some(Self { span: value.span(), rule })
    }

    /// The rule in `restart = on_failure(3, "10s")`.
    pub(crate) fn restart(option: &Opt, errors: &Errors) -> Option<Self> {
        let value: Expr = option.expect_equals(errors, "a rule", "on_failure(3, \"10s\")")?;
        let Some(rule) = restart(&value, "on_failure", errors)? else {
            errors.at(value, "`restart` takes a limit; write `restart = on_failure(3, \"10s\")`");
            return None;
        };
        Some(Self { span: value.span(), rule })
    }

    /// The rule as an expression of the runtime's type.
    pub(crate) fn tokens(&self, private: &TokenStream) -> TokenStream {
        let span = generated_span(self.span);
        match &self.rule {
            Rule::StopApp => quote_spanned!(span=> #private::OnFailure::stop_app()),
            Rule::Report => quote_spanned!(span=> #private::OnFailure::report()),
            Rule::Restart(times, within) => {
                quote_spanned!(span=> #private::OnFailure::restart(#times, #within))
            }
        }
    }
}

/// Reads `name(3, "10s")`; `Some(None)` if `value` is something else, `None` after an
/// error.
fn restart(value: &Expr, name: &str, errors: &Errors) -> Option<Option<Rule>> {
    let Expr::Call(call) = value else { return Some(None) };
    if text(&call.func) != name {
        return Some(None);
    }
    let arguments: Vec<&Expr> = call.args.iter().collect();
    let &[times, within] = arguments.as_slice() else {
        let message = format!(
            "`{name}` takes a number and a duration; write `{name}(3, \"10s\")`: at most 3 times \
             in 10 s"
        );
        errors.at(value, message);
        return None;
    };
    Some(Some(Rule::Restart(times.clone(), duration(within, errors)?)))
}

fn duration(within: &Expr, errors: &Errors) -> Option<TokenStream> {
    let Expr::Lit(ExprLit { lit, .. }) = within else { return Some(quote!(#within)) };
    let found = match lit {
        Lit::Str(text) => millis(&text.value()),
        _ => None,
    };
    if found.is_none() {
        let message = format!(
            "{} is not a duration; write a number with `ms`, `s`, `m`, `h` or `d`, as in `\"10s\"`",
            text(lit)
        );
        errors.at(lit, message);
    }
    found.map(|millis| quote!(::core::time::Duration::from_millis(#millis)))
}
