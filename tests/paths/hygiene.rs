//! Users' names that could clash with names of the expansion.

use sprag::prelude::*;

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct Fields {
    path: u8,
    id: u8,
    get: u8,
    at: u8,
    key: u8,
    then: u8,
    some: Option<u8>,
    new: u8,
    clone: u8,
    default: u8,
    is_empty: u8,
    paths: u8,
    r#type: u8,
    r#async: u8,
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct R {
    x: u8,
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct M {
    r: R,
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct L {
    r: R,
    m: Option<M>,
    l: Option<Box<L>>,
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct T<R, M, L> {
    r: R,
    m: M,
    l: L,
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
#[allow(non_camel_case_types)]
struct r#type {
    x: u8,
}

mod first {
    #[derive(super::Model, Clone, Debug, Default, PartialEq)]
    pub(super) struct Tv {
        pub(super) x: u8,
    }
}

mod second {
    #[derive(super::Model, Clone, Debug, Default, PartialEq)]
    pub(super) struct Tv {
        pub(super) x: super::first::Tv,
    }
}

/// Every name that the expansion could have relied on means something else.
mod shadowed {
    #![allow(dead_code, non_camel_case_types)]

    struct Option;
    struct Some;
    struct None;
    struct Default;
    struct PhantomData;
    struct Box;
    struct Vec;
    struct u32;
    struct bool;
    struct str;
    trait Clone {}
    trait Copy {}
    trait PartialEq {}
    trait Sized {}
    trait FnMut {}
    mod core {}
    mod std {}
    mod sprag {}

    #[derive(super::Model)]
    pub(super) struct Shadowed {
        pub(super) x: u8,
        pub(super) y: i64,
    }

    #[derive(super::Model)]
    pub(super) enum Shadows {
        A { x: u8 },
        B(i64),
    }
}

macro_rules! model {
    ($name:ident { $field:ident: $ty:ty }) => {
        #[derive(Model, Clone, Debug, Default, PartialEq)]
        struct $name {
            $field: $ty,
            fixed: Option<$ty>,
        }
    };
}

model!(Made { given: u8 });

#[test]
fn fields_may_be_called_like_our_methods() {
    let fields = create_model("fields", Fields::default());
    fields.set(Fields::PATHS.path, 1);
    fields.set(Fields::PATHS.id, 2);
    fields.set(Fields::PATHS.some.some(), 3).unwrap_err();
    fields.set(Fields::PATHS.r#type, 4);
    fields.patch(FieldsPatch::new().new_(5).r#async(6).clone(7));
    let expected =
        Fields { path: 1, id: 2, r#type: 4, new: 5, r#async: 6, clone: 7, ..Fields::default() };
    assert_eq!(fields.get(Fields::PATHS.path()), expected);
    assert_eq!(Fields::PATHS.r#type.to_string(), "type");
}

#[test]
fn types_may_be_called_like_our_parameters() {
    type Three = T<R, M, L>;
    let three = create_model("three", Three::default());
    three.set(Three::PATHS.m.r.x, 3);
    three.set(Three::PATHS.l.m.some().r.x, 3).unwrap_err();
    assert_eq!(three.get(Three::PATHS.m).r, R { x: 3 });
    assert_eq!(r#type::PATHS.x.to_string(), "x");
}

#[test]
fn two_types_may_have_one_name() {
    let tv = create_model("tv", second::Tv::default());
    tv.set(second::Tv::PATHS.x.x, 3);
    assert_eq!(tv.get(second::Tv::PATHS.x), first::Tv { x: 3 });
}

#[test]
fn the_prelude_may_be_shadowed() {
    assert_eq!(shadowed::Shadowed::PATHS.y.to_string(), "y");
    assert_eq!(shadowed::Shadows::PATHS.a.x.to_string(), "a.x");
    assert_eq!(shadowed::Shadows::PATHS.b.0.to_string(), "b.0");
}

#[test]
fn a_model_may_stand_in_a_function() {
    #[derive(Model, Clone, Debug, Default, PartialEq)]
    struct Local {
        inner: Inner,
    }
    #[derive(Model, Clone, Debug, Default, PartialEq)]
    struct Inner {
        x: u8,
    }
    let local = create_model("local", Local::default());
    local.patch(LocalPatch::new().inner(Inner { x: 2 }));
    assert_eq!(local.get(Local::PATHS.inner.x), 2);
}

#[test]
fn a_macro_may_write_a_model() {
    let made = create_model("made", Made::default());
    made.set(Made::PATHS.given, 3);
    made.set(Made::PATHS.fixed, Some(4));
    assert_eq!(made.get(Made::PATHS.fixed.some()), Some(4));
}

#[test]
fn a_module_of_the_users_may_be_called_as_a_tool_of_the_compiler() {
    mod diagnostic {}
    mod clippy {}
    mod rustfmt {}

    #[derive(Model, Clone, Debug, Default, PartialEq)]
    struct Car {
        codes: Vec<u8>,
    }

    assert_eq!(Car::PATHS.codes.to_string(), "codes");
}
