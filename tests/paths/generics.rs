//! Paths into types with parameters.

use std::collections::HashMap;
use std::fmt::Debug;
use std::marker::PhantomData;

use sprag::path::{PartialPath, Path, State};
use sprag::prelude::*;

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct Page<T: Clone, const N: usize = 2, U = u8>
where
    U: Copy,
    [T; N]: Debug,
{
    items: Vec<T>,
    array: Option<T>,
    extra: U,
    numbers: HashMap<String, T>,
    inner: Inner<T>,
    next: Option<Box<Self>>,
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct Inner<T> {
    value: T,
}

#[derive(Model, Clone, Debug, PartialEq)]
struct Grid<const W: usize, const H: usize> {
    cells: [[u8; W]; H],
    dirty: bool,
}

impl<const W: usize, const H: usize> Grid<W, H> {
    const AREA: usize = W * H;
}

#[derive(Model, Clone, Debug, PartialEq)]
struct Sized4 {
    bytes: [u8; Self::LEN],
}

impl Sized4 {
    const LEN: usize = Grid::<2, 2>::AREA;
}

trait Shelf: 'static {
    type Item: State + Clone + Debug + PartialEq;
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Books;

impl Shelf for Books {
    type Item = String;
}

#[derive(Model, Clone, Debug, PartialEq)]
struct Room<S: Shelf> {
    first: S::Item,
    second: <S as Shelf>::Item,
    others: Vec<S::Item>,
    shelf: PhantomData<S>,
    #[model(skip)]
    unknown: Option<S>,
}

const DEEP: Path<Page<u8>, u8> = Page::<u8>::PATHS.inner.value;
const DEEPER: PartialPath<Page<Option<Inner<bool>>>, bool> =
    Page::<Option<Inner<bool>>>::PATHS.inner.value.some().value;

#[test]
fn a_parameter_is_followed_into_its_type() {
    let mut page = Page::<Option<Inner<bool>>>::default();
    page.inner.value = Some(Inner { value: true });
    let page = create_model("page", page);

    assert_eq!(page.set(DEEPER, false), Ok(true));
    assert_eq!(
        page.get(Page::<Option<Inner<bool>>>::PATHS.inner).value,
        Some(Inner { value: false })
    );
    assert_eq!(DEEPER.to_string(), "inner.value.value");
    assert_eq!(DEEP.to_string(), "inner.value");
}

#[test]
fn collections_of_parameters_have_entries() {
    let page = create_model("page", Page::<u8>::default());
    page.push(Page::<u8>::PATHS.items, 4);
    page.insert(Page::<u8>::PATHS.numbers, "one", 1);

    assert_eq!(page.get(Page::<u8>::PATHS.items.at(0)), Some(4));
    assert_eq!(page.get(Page::<u8>::PATHS.numbers.key("one")), Some(1));
    assert_eq!(page.get(Page::<u8>::PATHS.next.some()), None);
}

#[test]
fn numbers_are_parameters_too() {
    let grid = create_model("grid", Grid::<2, 3> { cells: [[0; 2]; 3], dirty: false });
    grid.set(Grid::<2, 3>::PATHS.dirty, true);
    assert!(grid.get(Grid::<2, 3>::PATHS.dirty));
    assert_eq!(Grid::<2, 3>::AREA, 6);

    let sized = create_model("sized", Sized4 { bytes: [0; 4] });
    assert_eq!(sized.set(Sized4::PATHS.bytes, [1; 4]), [0; 4]);
}

#[test]
fn associated_types_have_paths() {
    let room = Room::<Books> {
        first: "a".to_owned(),
        second: "b".to_owned(),
        others: Vec::new(),
        shelf: PhantomData,
        unknown: Some(Books),
    };
    let room = create_model("room", room);
    room.set(Room::<Books>::PATHS.second, "c".to_owned());
    room.patch(RoomPatch::new().first("d".to_owned()));
    assert_eq!(room.get(Room::<Books>::PATHS.first), "d");
    assert_eq!(room.get(Room::<Books>::PATHS.second), "c");
}

#[test]
fn code_may_be_generic_over_the_type_of_a_field() {
    #[derive(Model, Clone, Debug, Default, PartialEq)]
    struct Envelope<I> {
        id: I,
        count: u8,
    }

    fn write<I>(id: I)
    where
        I: State + Clone + Default + PartialEq + Debug + Send + Sync,
    {
        let envelope = create_model("envelope", Envelope::<I>::default());
        envelope.set(Envelope::<I>::PATHS.count, 1);
        envelope.set(Envelope::<I>::PATHS.id, id.clone());
        assert_eq!(envelope.get(Envelope::<I>::PATHS.id), id);
    }

    write(7_u8);
    write(String::from("seven"));
}
