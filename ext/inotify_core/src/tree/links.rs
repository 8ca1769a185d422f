//! Symbolic links that are followed. A directory is entered once, however many links lead to it: links into each other
//! would otherwise have paths without end. The other links to it are told as files, until the way in is gone.

use std::collections::{HashMap, HashSet};

use super::batch::Place;
use super::nodes::{Child, NodeId};
use super::{Need, Tree, Wish};

#[derive(Debug, Default)]
pub(crate) struct Links {
    /// Directories that are entered through a link.
    entered: HashSet<NodeId>,
    /// Links that lead to a directory which is entered elsewhere, and its wd.
    passed_by: HashMap<Place, i32>,
    /// The same by wd.
    by_wd: HashMap<i32, HashSet<Place>>,
}

impl Links {
    pub(crate) fn enter(&mut self, node: NodeId) {
        self.entered.insert(node);
    }

    pub(crate) fn leave(&mut self, node: NodeId) {
        self.entered.remove(&node);
    }

    pub(crate) fn contains(&self, node: NodeId) -> bool {
        self.entered.contains(&node)
    }

    pub(crate) fn pass_by(&mut self, wd: i32, place: Place) {
        self.forget(&place);
        self.by_wd.entry(wd).or_default().insert(place.clone());
        self.passed_by.insert(place, wd);
    }

    pub(crate) fn is_passed_by(&self, place: &Place) -> bool {
        self.passed_by.contains_key(place)
    }

    /// What is at a place is no longer the link that was passed by. Answers the wd of the directory that this one leads to.
    pub(crate) fn forget(&mut self, place: &Place) -> Option<i32> {
        let wd = self.passed_by.remove(place)?;
        if let Some(places) = self.by_wd.get_mut(&wd) {
            places.remove(place);
            if places.is_empty() {
                self.by_wd.remove(&wd);
            }
        }
        Some(wd)
    }

    /// The links that may be entered now that the directory of this wd no longer is.
    pub(crate) fn released(&mut self, wd: i32) -> Vec<Place> {
        let places: Vec<Place> = self.by_wd.remove(&wd).into_iter().flatten().collect();
        for place in &places {
            self.passed_by.remove(place);
        }
        places
    }
}

impl Tree {
    /// Follows symbolic links to directories. Each directory is entered once.
    pub fn follow_links(&mut self) {
        self.links = Some(Links::default());
    }

    /// There is a symbolic link to a directory.
    pub(super) fn appear_link(&mut self, place: Place) {
        let Some(links) = &self.links else { return };
        match self.nodes.find(place.0, &place.1) {
            Some(Child::Dir(child)) if links.contains(child) => self.look(child, Need::Sight),
            Some(Child::File) if links.is_passed_by(&place) => {}
            known => {
                if known.is_some() {
                    self.remove_child(&place, true);
                }
                self.appear(place.clone(), true, true);
                if let (Some(Child::Dir(child)), Some(links)) = (self.nodes.find(place.0, &place.1), &mut self.links) {
                    links.enter(child);
                }
            }
        }
    }

    /// A link leads to a directory that is entered elsewhere: tells it as a file.
    pub(super) fn pass_by(&mut self, node: NodeId, wd: i32) {
        let Some((parent, name)) = self.place(node) else { return };
        let place = (parent, Box::from(name));
        self.remove_child(&place, true);
        self.nodes.add_file(place.0, &place.1);
        self.batch.file_added(place.clone(), true);
        if let Some(links) = &mut self.links {
            links.pass_by(wd, place);
        }
    }

    /// Another entry is at this place now, or none. See [`Links::forget`].
    pub(super) fn forget_link(&mut self, place: &Place) -> Option<i32> {
        self.links.as_mut()?.forget(place)
    }

    /// A link that was passed by is at another place.
    pub(super) fn put_link(&mut self, wd: i32, place: Place) {
        match &mut self.links {
            Some(links) if self.bindings.contains(wd) => links.pass_by(wd, place),
            // The directory is entered no longer.
            _ => self.wish_to_check(place),
        }
    }

    /// The directory of a wd is entered no longer: looks at the other links to it.
    pub(super) fn release_links(&mut self, wd: i32) {
        let places = self.links.as_mut().map(|links| links.released(wd)).unwrap_or_default();
        places.into_iter().for_each(|(dir, name)| self.wishes.add(Wish::Check(dir, name)));
    }
}
