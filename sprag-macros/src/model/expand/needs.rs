//! The bounds that the fields need on the item's type parameters.

use std::collections::HashSet;

use proc_macro2::Ident;
use quote::ToTokens;
use syn::visit_mut::{VisitMut, visit_type_mut};
use syn::{PathArguments, Type, TypePath};

use crate::model::item::{FieldRole, Item, ItemKind, ModelField};

/// The types that must be `State` so that the fields are.
#[derive(Default)]
pub(super) struct StateNeeds {
    /// The parameters that fields hold: `T` in `Vec<T>`.
    pub(super) params: HashSet<Ident>,
    /// Their associated types that fields hold, which no bound on the parameter
    /// speaks of: `T::Item`.
    pub(super) projections: Vec<Type>,
    all: HashSet<Ident>,
}

impl StateNeeds {
    pub(super) fn of(item: &Item) -> Self {
        let all = item.generics.type_params().map(|param| param.ident.clone()).collect();
        let mut needs = Self { all, ..Self::default() };
        if needs.all.is_empty() {
            return needs;
        }
        for ty in nodes(item) {
            needs.visit_type_mut(&mut ty.clone());
        }
        needs
    }

    /// Visits the arguments of a map behind its first one, the key.
    fn visit_values(&mut self, map: &mut TypePath) {
        let Some(last) = map.path.segments.last_mut() else { return };
        let PathArguments::AngleBracketed(arguments) = &mut last.arguments else { return };
        for argument in arguments.args.iter_mut().skip(1) {
            self.visit_generic_argument_mut(argument);
        }
    }

    fn is_projection(&self, path: &TypePath) -> bool {
        let names_param = |ty: &Type| matches!(ty, Type::Path(path) if self.is_param(path));
        match &path.qself {
            Some(qself) => names_param(&qself.ty),
            None => path.path.segments.len() > 1 && self.all.contains(&path.path.segments[0].ident),
        }
    }

    fn is_param(&self, path: &TypePath) -> bool {
        path.qself.is_none() && path.path.get_ident().is_some_and(|name| self.all.contains(name))
    }

    fn add_projection(&mut self, ty: &Type) {
        let text = |ty: &Type| ty.to_token_stream().to_string();
        if !self.projections.iter().any(|known| text(known) == text(ty)) {
            self.projections.push(ty.clone());
        }
    }
}

/// The maps whose keys need not be `State`, recognised by their names.
const MAPS: &[&str] = &["HashMap", "BTreeMap", "IndexMap", "OrdMap"];

fn ends_in(path: &TypePath, names: &[&str]) -> bool {
    path.path.segments.last().is_some_and(|last| names.iter().any(|name| last.ident == name))
}

impl VisitMut for StateNeeds {
    fn visit_type_mut(&mut self, ty: &mut Type) {
        match ty {
            Type::Path(path) if self.is_param(path) => {
                self.params.extend(path.path.get_ident().cloned());
            }
            Type::Path(path) if self.is_projection(path) => self.add_projection(ty),
            Type::Path(path) if ends_in(path, &["PhantomData"]) => {}
            Type::Path(path) if ends_in(path, MAPS) => self.visit_values(path),
            _ => visit_type_mut(self, ty),
        }
    }
}

/// The types of the fields that must be `State`.
fn nodes(item: &Item) -> Vec<&Type> {
    let is_node = |field: &&'_ ModelField| field.role == FieldRole::Node;
    match &item.kind {
        ItemKind::Nothing | ItemKind::Leaf(_) => Vec::new(),
        ItemKind::Struct(body) => {
            body.fields.iter().filter(is_node).map(|field| &field.ty).collect()
        }
        ItemKind::Enum(variants) => {
            let fields = variants.iter().flat_map(|variant| &variant.fields);
            fields.filter(is_node).map(|field| &field.ty).collect()
        }
    }
}
