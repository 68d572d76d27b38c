//! The measured state: the same structs once for each derive.

macro_rules! shapes {
    ($(#[$docs:meta])* $module:ident, $first:path $(, $more:path)*) => {
        $(#[$docs])*
        #[allow(dead_code, unreachable_pub, unused_imports)]
        pub(crate) mod $module {
            /// Eight structs, each in the one before: `value`, `next.value`, ….
            #[derive(Clone, Debug, Default, PartialEq, $first $(, $more)*)]
            pub struct Depth1 { pub value: u64, pub next: Depth2 }
            #[derive(Clone, Debug, Default, PartialEq, $first $(, $more)*)]
            pub struct Depth2 { pub value: u64, pub next: Depth3 }
            #[derive(Clone, Debug, Default, PartialEq, $first $(, $more)*)]
            pub struct Depth3 { pub value: u64, pub next: Depth4 }
            #[derive(Clone, Debug, Default, PartialEq, $first $(, $more)*)]
            pub struct Depth4 { pub value: u64, pub next: Depth5 }
            #[derive(Clone, Debug, Default, PartialEq, $first $(, $more)*)]
            pub struct Depth5 { pub value: u64, pub next: Depth6 }
            #[derive(Clone, Debug, Default, PartialEq, $first $(, $more)*)]
            pub struct Depth6 { pub value: u64, pub next: Depth7 }
            #[derive(Clone, Debug, Default, PartialEq, $first $(, $more)*)]
            pub struct Depth7 { pub value: u64, pub next: Depth8 }
            #[derive(Clone, Debug, Default, PartialEq, $first $(, $more)*)]
            pub struct Depth8 { pub value: u64 }

            /// A value that is written, a text, and 100 other values in a grid.
            #[derive(Clone, Debug, Default, PartialEq, $first $(, $more)*)]
            pub struct Board { pub value: u64, pub second: u64, pub text: String, pub grid: Grid }
            #[derive(Clone, Debug, Default, PartialEq, $first $(, $more)*)]
            pub struct Grid {
                pub a: Row, pub b: Row, pub c: Row, pub d: Row, pub e: Row,
                pub f: Row, pub g: Row, pub h: Row, pub i: Row, pub j: Row,
            }
            #[derive(Clone, Debug, Default, PartialEq, $first $(, $more)*)]
            pub struct Row {
                pub a: u64, pub b: u64, pub c: u64, pub d: u64, pub e: u64,
                pub f: u64, pub g: u64, pub h: u64, pub i: u64, pub j: u64,
            }

            /// Large collections; reactive_stores patches no maps.
            #[derive(Clone, Debug, Default, PartialEq, $first)]
            pub struct Lists {
                pub value: u64,
                pub items: Vec<u64>,
                pub map: std::collections::HashMap<u64, u64>,
            }
        }
    };
}

shapes!(
    /// For sprag, for the code by hand, and for the peers without a derive.
    ours, ::sprag::Model
);
shapes!(
    /// For reactive_stores.
    reactive, ::reactive_stores::Store, ::reactive_stores::Patch
);
shapes!(
    /// For dioxus-stores.
    dioxus, ::dioxus_stores::Store
);

/// Large collections that share what does not differ.
#[derive(Clone, Debug, Default, PartialEq, ::sprag::Model)]
pub(crate) struct SharedLists {
    pub(crate) items: imbl::Vector<u64>,
    pub(crate) map: imbl::HashMap<u64, u64>,
}

/// Calls a macro with the 100 fields of a [`Grid`](ours::Grid), in order.
macro_rules! for_grid {
    ($call:ident) => { for_grid!(@rows $call; a b c d e f g h i j) };
    (@rows $call:ident; $($row:ident)*) => { [$(for_grid!(@row $call; $row)),*].into_iter().flatten() };
    (@row $call:ident; $row:ident) => {
        [
            $call!($row a), $call!($row b), $call!($row c), $call!($row d), $call!($row e),
            $call!($row f), $call!($row g), $call!($row h), $call!($row i), $call!($row j),
        ]
    };
}
pub(crate) use for_grid;
