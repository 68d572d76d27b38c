//! [`Access`]: a lens at run time, as a pointer to two functions and a node number.

use std::any::Any;
use std::fmt;
use std::marker::PhantomData;

use crate::path::lens::Lens;
use crate::path::location::{EntryId, Location, Node};
use crate::path::path_text::PathText;
use crate::path::state::State;
#[cfg(feature = "serde")]
use crate::path::text::Hops;
use crate::path::walk::{Below, Opaque, Tree, Walk};

/// The walk of a static path.
///
/// One pointer, since a walk is copied on the way into a write: `K` is the kind of the tree
/// below the value, `Tree` or `Opaque`.
pub struct Access<R: 'static, V: 'static, K = Tree> {
    steps: &'static LensSteps<R, V>,
    kind: PhantomData<fn() -> K>,
}

/// A lens at run time.
struct LensSteps<R, V> {
    get: fn(&R) -> Option<&V>,
    get_mut: fn(&mut R) -> Option<&mut V>,
    node: Node,
}

impl<R, V, K> fmt::Debug for Access<R, V, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Access").field("node", &self.steps.node).finish_non_exhaustive()
    }
}

impl<R, V, K> Clone for Access<R, V, K> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<R, V, K> Copy for Access<R, V, K> {}

impl<R: 'static, V: State> Access<R, V> {
    /// The walk of the lens `L`.
    pub const fn of<L: Lens<Root = R, Target = V>>() -> Self {
        Self::along(const { &LensSteps::of::<L>(V::__SHAPE.nodes) })
    }
}

impl<R: 'static, V: 'static> Access<R, V, Opaque> {
    /// The walk of the lens `L`, to one opaque value.
    pub const fn opaque<L: Lens<Root = R, Target = V>>() -> Self {
        Self::along(const { &LensSteps::of::<L>(1) })
    }
}

impl<R, V> LensSteps<R, V> {
    /// The steps of `L`, to a place with a subtree of `count` nodes.
    const fn of<L: Lens<Root = R, Target = V>>(count: u32) -> Self {
        let node = Node { id: L::ID, count };
        Self { get: L::get, get_mut: L::get_mut, node }
    }
}

impl<R: 'static, V: 'static, K> Access<R, V, K> {
    const fn along(steps: &'static LensSteps<R, V>) -> Self {
        Self { steps, kind: PhantomData }
    }

    /// The place's node.
    pub const fn node(&self) -> Node {
        self.steps.node
    }
}

impl<R: State, V: 'static, K: Below<V>> Walk<R> for Access<R, V, K> {
    type Value = V;
    type Owned = Self;
    type Discarded = ();
    type Below = K;

    const CHEAP: bool = K::CHEAP;
    const PLAIN: bool = K::PLAIN;
    const KEYED: bool = false;

    #[inline]
    fn get<'a>(&self, root: &'a R) -> Option<&'a V> {
        (self.steps.get)(root)
    }

    #[inline]
    fn get_mut<'a>(&self, root: &'a mut R, (): &mut ()) -> Option<&'a mut V> {
        (self.steps.get_mut)(root)
    }

    #[inline]
    fn node(&self) -> Node {
        self.steps.node
    }

    #[inline]
    fn locate(&self, location: &mut Location) {
        location.enter(self.steps.node);
    }

    fn keys(&self, _: &mut dyn FnMut(&dyn Any)) {}

    fn describe(&self, text: &mut PathText<'_>) -> fmt::Result {
        text.node(R::__SHAPE, self.steps.node.id)
    }

    #[inline]
    fn node_of(value: &V, id: u32) -> Option<&dyn Any> {
        K::node_of(value, id)
    }

    #[inline]
    fn owned(&self) -> Self {
        *self
    }

    #[cfg(feature = "serde")]
    fn hops(&self, hops: &mut Hops) {
        hops.node(R::__SHAPE, self.steps.node.id);
    }
}

impl<V: State> Below<V> for Tree {
    const CHEAP: bool = V::__CHEAP;
    const PLAIN: bool = V::__PLAIN;
    const NODES: u32 = V::__SHAPE.nodes;
    const LEAVES_TREE: bool = false;

    fn enter(location: &mut Location) {
        location.enter(Node { id: 1, count: V::__SHAPE.nodes });
    }

    #[inline]
    fn node_of(value: &V, id: u32) -> Option<&dyn Any> {
        value.__node(id)
    }
}

impl<V: 'static> Below<V> for Opaque {
    const CHEAP: bool = false;
    const PLAIN: bool = false;
    const NODES: u32 = 1;
    const LEAVES_TREE: bool = true;

    fn enter(location: &mut Location) {
        location.enter_entry(EntryId::Only, 1);
    }

    #[inline]
    fn node_of(value: &V, id: u32) -> Option<&dyn Any> {
        (id == 0).then_some(value)
    }
}
