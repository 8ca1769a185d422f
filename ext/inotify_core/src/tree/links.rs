//! Symbolic links that are followed. A directory is entered once, however many links lead to it: links into each other
//! would otherwise have paths without end. The other links to it are told as files, until the way in is gone; and where
//! it is found on its own path behind a link, as a directory with nothing in it.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::batch::Place;
use super::nodes::{Child, NodeId};
use super::{Need, Tree, Wish};

#[derive(Debug, Default)]
pub(crate) struct Links {
    /// Directories that are entered through a link.
    entered: HashSet<NodeId>,
    /// By wd: links that lead to a directory which is entered elsewhere.
    passed_by: HashMap<i32, HashSet<Place>>,
    /// The wd of each of them.
    leads: BTreeMap<Place, i32>,
    /// Files that may be links to directories: to find out is wished for.
    unsure: BTreeSet<Place>,
}

/// What is known of a file that may be a link to a directory.
#[derive(Debug)]
pub(super) enum Lead {
    Unsure,
    /// It leads to the directory of this wd, which is entered elsewhere.
    To(i32),
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

    pub(super) fn entered(&self) -> Vec<NodeId> {
        self.entered.iter().copied().collect()
    }

    fn pass_by(&mut self, wd: i32, place: Place) {
        self.take(&place);
        self.passed_by.entry(wd).or_default().insert(place.clone());
        self.leads.insert(place, wd);
    }

    pub(crate) fn is_passed_by(&self, place: &Place) -> bool {
        self.leads.contains_key(place)
    }

    /// What was at a place is there no longer.
    pub(super) fn take(&mut self, place: &Place) -> Option<Lead> {
        if self.unsure.remove(place) {
            return Some(Lead::Unsure);
        }
        let wd = self.leads.remove(place)?;
        if let Some(places) = self.passed_by.get_mut(&wd) {
            places.remove(place);
            if places.is_empty() {
                self.passed_by.remove(&wd);
            }
        }
        Some(Lead::To(wd))
    }

    /// Nothing of what was in a directory is there any longer, whether it was told of or not.
    pub(crate) fn take_all(&mut self, dir: NodeId) {
        let first = (dir, Box::default());
        let all = self.leads.range(first.clone()..).map(|(place, _)| place).take_while(|place| place.0 == dir);
        let unsure = self.unsure.range(first..).take_while(|place| place.0 == dir);
        for place in all.chain(unsure).cloned().collect::<Vec<_>>() {
            self.take(&place);
        }
    }

    /// It was found out what is at a place.
    pub(super) fn saw(&mut self, place: &Place) {
        self.unsure.remove(place);
    }

    /// The links that may be entered now that the directory of this wd no longer is.
    fn released(&mut self, wd: i32) -> Vec<Place> {
        let places: Vec<Place> = self.passed_by.remove(&wd).into_iter().flatten().collect();
        for place in &places {
            self.leads.remove(place);
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
            Some(Child::File) | None if links.is_passed_by(&place) => {}
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

    /// There is a file that may be a link to a directory.
    pub(super) fn appear_unsure(&mut self, place: &Place) {
        if let Some(links) = &mut self.links {
            links.take(place);
            links.unsure.insert(place.clone());
            self.wish_to_check(place.clone());
        }
    }

    /// What was at a place, and may be a link to a directory, is there no longer.
    pub(super) fn take_lead(&mut self, place: &Place) -> Option<Lead> {
        self.links.as_mut()?.take(place)
    }

    /// It is at another place.
    pub(super) fn put_lead(&mut self, lead: &Lead, place: &Place) {
        match (lead, &mut self.links) {
            (Lead::To(wd), Some(links)) if self.bindings.contains(*wd) => links.pass_by(*wd, place.clone()),
            _ => self.appear_unsure(place),
        }
    }

    /// A link leads to a directory that is entered elsewhere: tells it as a file.
    pub(super) fn pass_by(&mut self, node: NodeId, wd: i32) {
        let Some((parent, name)) = self.place(node) else { return };
        let place = (parent, Box::from(name));
        self.remove_child(&place, true);
        if self.admits(place.0, &place.1, false) {
            self.nodes.add_file(place.0, &place.1);
            self.pending.file_added(&place, true);
        }
        if let Some(links) = &mut self.links {
            links.pass_by(wd, place);
        }
    }

    /// Whether the path of a directory leads over a link.
    pub(super) fn is_behind_link(&self, node: NodeId) -> bool {
        let Some(links) = self.links.as_ref().filter(|links| !links.entered.is_empty()) else { return false };
        self.nodes.is_below(node, |dir| links.contains(dir))
    }

    /// A directory whose path leads over a link is entered elsewhere: tells nothing of what is in it here.
    pub(super) fn leave_out(&mut self, node: NodeId, wd: i32) {
        let Some((parent, name)) = self.place(node) else { return };
        let place = (parent, Box::from(name));
        for (name, child) in self.empty(node, true) {
            self.bury(child, Some((node, name)), true);
        }
        self.unbind(node);
        self.repair.remove(&node);
        if let Some(links) = &mut self.links {
            links.pass_by(wd, place);
        }
    }

    /// The directory of a wd is entered no longer: looks at the other links to it.
    pub(super) fn release_links(&mut self, wd: i32) {
        let places = self.links.as_mut().map(|links| links.released(wd)).unwrap_or_default();
        places.into_iter().for_each(|(dir, name)| self.wishes.add(Wish::Check(dir, name)));
    }
}
