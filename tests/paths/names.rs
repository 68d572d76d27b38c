//! Every name that could clash with a name of the expansion: as a field, variant, type,
//! type parameter and module.

#![allow(non_camel_case_types, non_snake_case, dead_code, unused_imports)]
#![allow(clippy::enum_variant_names, clippy::upper_case_acronyms)]
#![allow(clippy::unsafe_removed_from_name)]

/// Derives for all names at once, except for types, which need one derive each.
macro_rules! names {
    ($($name:ident)*) => {
        pub(crate) mod fields {
            #[derive(::sprag::Model)]
            pub(crate) struct All {
                $(pub(crate) $name: ::core::primitive::u8,)*
            }
        }

        pub(crate) mod variants {
            #[derive(::sprag::Model)]
            pub(crate) enum All {
                $($name { $name: ::core::primitive::u8 },)*
            }

            #[derive(::sprag::Model)]
            pub(crate) enum Tuples {
                $($name(::core::primitive::u8),)*
            }
        }

        pub(crate) mod modules {
            $(mod $name {})*

            #[derive(::sprag::Model)]
            pub(crate) struct AStruct {
                pub(crate) one: ::core::primitive::u8,
            }

            #[derive(::sprag::Model)]
            pub(crate) enum AnEnum {
                One(::core::primitive::u8),
            }

            #[derive(::sprag::Model)]
            #[model(leaf)]
            pub(crate) struct AsLeaf(::core::primitive::u8);
        }

        mod types {
            $(mod $name {
                #[derive(::sprag::Model)]
                pub(crate) struct $name {
                    pub(crate) $name: ::core::primitive::u8,
                }

                pub(crate) mod as_enum {
                    #[derive(::sprag::Model)]
                    pub(crate) enum $name {
                        One { $name: ::core::primitive::u8 },
                    }
                }
            })*

            #[test]
            fn a_type_may_have_any_name() {
                $({
                    let name = stringify!($name);
                    let name = name.strip_prefix("r#").unwrap_or(name);
                    let path = self::$name::$name::PATHS.$name.to_string();
                    assert_eq!(path, name);
                    let path = self::$name::as_enum::$name::PATHS.one.$name.to_string();
                    assert_eq!(path, format!("one.{name}"));
                })*
            }
        }

        #[test]
        fn a_field_may_have_any_name() {
            $({
                let name = stringify!($name);
                let path = fields::All::PATHS.$name.to_string();
                assert_eq!(path, name.strip_prefix("r#").unwrap_or(name));
            })*
        }
    };
}

/// Derives for parameters of all names, except for the names that the fields' types use.
macro_rules! parameters {
    ($($name:ident)*) => {
        mod parameters {
            #[derive(::sprag::Model)]
            pub(crate) struct All<$($name,)*> {
                $($name: $name,)*
            }

            $(mod $name {
                #[derive(::sprag::Model)]
                pub(crate) enum Enum<$name> {
                    One { one: $name },
                }
            })*
        }
    };
}

// Keywords, strict, reserved and weak; `self`, `Self`, `super` and `crate` cannot be raw.
names! {
    r#abstract r#as r#async r#await r#become r#box r#break r#const r#continue r#do r#dyn
    r#else r#enum r#extern r#false r#final r#fn r#for r#gen r#if r#impl r#in r#let r#loop
    r#macro r#match r#mod r#move r#mut r#override r#priv r#pub r#ref r#return r#static
    r#struct r#trait r#true r#try r#type r#typeof r#unsafe r#unsized r#use r#virtual
    r#where r#while r#yield auto macro_rules raw safe union
}

mod prelude {
    names! {
        AsMut AsRef AsyncFn AsyncFnMut AsyncFnOnce Box Clone Copy Debug Default
        DoubleEndedIterator Drop Eq Err ExactSizeIterator Extend Fn FnMut FnOnce From
        FromIterator Future Hash Into IntoFuture IntoIterator Iterator None Ok Option Ord
        PartialEq PartialOrd Result Send Sized Some String Sync ToOwned ToString TryFrom TryInto
        Unpin Vec
    }
}

/// Traits and types of `core` and `std` that are not in the prelude.
mod common {
    names! {
        Any Arc Borrow BorrowMut BTreeMap BTreeSet Cow Deserialize Deserializer Display Duration
        Error Formatter HashMap HashSet Hasher Infallible Ordering PhantomData Pin Rc RefCell
        RefUnwindSafe Serialize Serializer TypeId UnwindSafe
    }
}

// All modules of `std`, the primitive types, and the crates and tools that a path may begin
// with.
mod standard {
    names! {
        alloc any arch array ascii async_iter backtrace bool borrow boxed bstr cell char clone
        clippy cmp collections convert core default diagnostic env erased_serde error f16 f32 f64
        f128 ffi fmt fs future hash hint i8 i16 i32 i64 i128 intrinsics io isize iter marker mem
        miri net num ops option os panic panicking path pat pin pointer prelude primitive
        proc_macro process ptr random range rc reference result rust_analyzer rustfmt rustc serde
        serde_json simd slice sprag sprag_macros sprag_runtime std str string sync task test
        thread time tokio tuple u8 u16 u32 u64 u128 unit usize vec
    }
}

/// Functions of the prelude, and attributes.
mod functions {
    names! {
        align_of align_of_val allow automatically_derived cfg cfg_attr cold deny deprecated derive
        doc drop expect forbid global_allocator inline must_use no_mangle non_exhaustive repr
        should_panic size_of size_of_val track_caller warn
    }
}

/// Calls a macro with the names of the macros of `std`.
macro_rules! with_macros {
    ($call:ident) => {
        $call! {
            addr_of assert assert_eq assert_ne column concat const_format_args dbg debug_assert
            debug_assert_eq debug_assert_ne eprint eprintln file format format_args include
            include_bytes include_str line matches module_path option_env print println
            stringify thread_local todo unimplemented unreachable write writeln
        }
    };
}

mod macros {
    with_macros! { names }
}

/// Macros of the user's own with the names of those of `std`.
mod own_macros {
    macro_rules! shadow {
        ($($name:ident)*) => {$(
            #[allow(unused_macros)]
            macro_rules! $name {
                () => {
                    compile_error!("the expansion calls a macro by a name that is not a path")
                };
            }
        )*};
    }
    with_macros! { shadow }
    shadow! { cfg env panic vec }

    #[derive(::sprag::Model)]
    pub(super) struct Own<T> {
        pub(super) one: u8,
        two: Option<Vec<T>>,
    }

    #[derive(::sprag::Model)]
    enum OwnVariants {
        One(u8),
        Two { two: String },
    }
}

// Names of the expansion. Those that begin with `__sprag` or `__Sprag` are its own.
mod generated {
    names! {
        __At __Paths __Some __Walk __a __a0 __b __current __field __fields __index __owner __p
        __part __path __private __show __target __this __value __visit AllAbilities AllPatch
        AllPaths Otherwise PastTheEnd
        Access Build Cell Deref FieldDiff Fields Here Kind Leaf LeafAt LeafPath Lens Mapped
        Mode Model NoSome Node Note Partial PartialPath Patch PatchDiff Path PathAt Paths
        Place Shape ShapeField State Then Variant Walk Whole
    }
}

/// Hidden constants and functions that the expansion defines or calls.
mod hidden {
    names! {
        __ABILITIES __ABILITY_TREE __CHEAP __DOC __FIELDS __FORM __HIDES_PARTS __IS_CONVERTED
        __IS_STATE __KEEP __KEYS __KIND __NOTES __PARTS __PATHS __SHAPE __TAGGING __diff
        __distinct __flat_shows_all __laid_out __of __own __part_mut __read_field
        __shape_of_leaf __swap __untagged_shows_all __variant __walk __write_field
    }
}

mod methods {
    names! {
        all at current deref get index is_empty key keys len map new new_ of owner path path_ paths
        put root set show swap then visit
    }
}

mod letters {
    names! { A B C D E F G H I J K L M N O P Q R S T U V W X Y Z }

    // A parameter called as a trait of the prelude hides the trait for the item itself.
    parameters! { A B C D E F G H I J K L M N O P Q R S T U V W X Y Z }
}

mod shadows {
    parameters! { __At __L __M __Paths __R __T __p __private ID }
}

mod shadowed_names {
    parameters! { Access Lens Mode Path PathAt State Place Whole Partial Box Vec String r#type }
}

#[test]
fn a_variant_may_have_any_name() {
    assert_eq!(variants::All::PATHS.r#dyn.r#dyn.to_string(), "dyn.dyn");
    assert_eq!(variants::Tuples::PATHS.r#type.0.to_string(), "type.0");
    assert_eq!(methods::variants::Tuples::PATHS.path.0.to_string(), "path.0");
    assert_eq!(prelude::variants::Tuples::PATHS.none.0.to_string(), "none.0");
}

/// Keywords that cannot be raw.
mod roots {
    #[derive(::sprag::Model)]
    pub(crate) enum Roots {
        Crate(u8),
        Super(u8),
        Self_ { at: u8 },
        SelfValue(u8),
    }
}

#[test]
fn a_variant_may_be_a_keyword_that_cannot_be_raw() {
    let paths = roots::Roots::PATHS;
    assert_eq!(paths.crate_.0.to_string(), "crate.0");
    assert_eq!(paths.super_.0.to_string(), "super.0");
    assert_eq!(paths.self_.at.to_string(), "self_.at");
    assert_eq!(paths.self_value.0.to_string(), "self_value.0");
}

/// The expansion adds to the patch what names the parameter.
mod owners {
    #[derive(::sprag::Model, Default)]
    pub(crate) struct Owned<T> {
        pub(crate) __owner: u8,
        #[model(skip)]
        _of: ::core::marker::PhantomData<T>,
    }
}

#[test]
fn a_field_may_be_called_as_one_of_the_patch() {
    let patch = owners::OwnedPatch::<u8>::new().__owner(7);
    assert_eq!(patch.__owner, Some(7));
    let patch = methods::fields::AllPatch::new().new__(1).new_(2);
    assert_eq!((patch.new, patch.new_), (Some(1), Some(2)));
}

/// A type in a module of one of the expansion's names.
mod places {
    pub(crate) mod __p {
        #[derive(::sprag::Model, Clone, Debug, Default, PartialEq)]
        pub(crate) struct __At {
            pub(crate) one: u8,
        }
    }

    #[derive(::sprag::Model, Clone, Debug, Default, PartialEq)]
    pub(crate) struct Holder {
        pub(crate) at: __p::__At,
        pub(crate) all: ::std::vec::Vec<__p::__At>,
    }

    pub(crate) mod imported {
        use super::__p::__At;

        #[derive(::sprag::Model, Clone, Debug, PartialEq)]
        pub(crate) enum Holds {
            At(__At),
            Some { at: ::core::option::Option<__At> },
        }
    }
}

#[test]
fn the_type_of_a_field_may_have_names_of_the_expansion() {
    use ::sprag::create_model;

    let holder = create_model("holder", places::Holder::default());
    holder.set(places::Holder::PATHS.at.one, 7);
    assert_eq!(holder.snapshot().at, places::__p::__At { one: 7 });
    assert_eq!(places::imported::Holds::PATHS.at.0.one.to_string(), "at.0.one");
    assert_eq!(places::imported::Holds::PATHS.some.at.some().one.to_string(), "some.at.one");
}

#[test]
fn modules_of_any_name_may_stand_beside_a_model() {
    assert_eq!(standard::modules::AStruct::PATHS.one.to_string(), "one");
    assert_eq!(standard::modules::AnEnum::PATHS.one.0.to_string(), "one.0");
}

#[test]
fn macros_of_the_users_may_have_names_of_the_standard_library() {
    assert_eq!(own_macros::Own::<u8>::PATHS.one.to_string(), "one");
}
