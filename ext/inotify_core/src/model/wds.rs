//! A map from watch descriptors, which the kernel counts up: most of those in use have their neighbours in use, too.

use std::collections::BTreeMap;

use super::nodes::NodeId;

/// How many wds share a page, as a power of two.
const PAGE: u32 = 7;

#[derive(Debug)]
struct Page {
    used: usize,
    nodes: [NodeId; 1 << PAGE],
}

/// Directories by wd: little more than four bytes for each.
#[derive(Debug, Default)]
pub(super) struct Wds {
    pages: BTreeMap<i32, Box<Page>>,
    len: usize,
}

fn split(wd: i32) -> (i32, usize) {
    (wd >> PAGE, (wd & ((1 << PAGE) - 1)) as usize)
}

impl Wds {
    pub(super) fn get(&self, wd: i32) -> Option<NodeId> {
        let (page, index) = split(wd);
        self.pages.get(&page)?.nodes.get(index).copied().filter(|node| *node != NodeId::NOWHERE)
    }

    pub(super) fn contains(&self, wd: i32) -> bool {
        self.get(wd).is_some()
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    pub(super) fn insert(&mut self, wd: i32, node: NodeId) {
        let (page, index) = split(wd);
        let new = || Box::new(Page { used: 0, nodes: [NodeId::NOWHERE; 1 << PAGE] });
        let page = self.pages.entry(page).or_insert_with(new);
        if let Some(slot) = page.nodes.get_mut(index) {
            if *slot == NodeId::NOWHERE {
                page.used += 1;
                self.len += 1;
            }
            *slot = node;
        }
    }

    pub(super) fn remove(&mut self, wd: i32) {
        let (number, index) = split(wd);
        let Some(page) = self.pages.get_mut(&number) else { return };
        let Some(slot) = page.nodes.get_mut(index).filter(|slot| **slot != NodeId::NOWHERE) else { return };
        *slot = NodeId::NOWHERE;
        page.used -= 1;
        self.len -= 1;
        if page.used == 0 {
            self.pages.remove(&number);
        }
    }

    /// In ascending order.
    pub(super) fn wds(&self) -> impl Iterator<Item = i32> + '_ {
        let entries = self.pages.iter().flat_map(|(number, page)| (*number << PAGE..).zip(page.nodes));
        entries.filter(|(_, node)| *node != NodeId::NOWHERE).map(|(wd, _)| wd)
    }
}
