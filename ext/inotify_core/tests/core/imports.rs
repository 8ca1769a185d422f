//! The imports between the files of the core: they have no circle, so that each file can be read with those that it
//! imports alone. A module and its own parts may import each other.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// A module's path: `["engine", "queue"]`.
type Module = Vec<String>;

fn modules(dir: &Path, at: &Module, found: &mut BTreeMap<Module, String>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let module = [at.clone(), vec![name.clone()]].concat();
        if path.is_dir() {
            modules(&path, &module, found);
        } else {
            let module = if name == "mod" { at.clone() } else { module };
            found.insert(module, fs::read_to_string(&path).unwrap());
        }
    }
}

/// The modules that one imports names from.
fn imports(module: &Module, text: &str, all: &BTreeMap<Module, String>) -> BTreeSet<Module> {
    let statements = text.split("\nuse ").skip(1).filter_map(|rest| rest.split(';').next());
    let path = |statement: &str| -> Option<Module> {
        let mut names = statement.split("::").map(str::trim);
        let mut path = match names.next()? {
            "crate" => Vec::new(),
            "super" => module.split_last()?.1.to_vec(),
            first if all.contains_key(&[module.clone(), vec![first.to_owned()]].concat()) => {
                [module.clone(), vec![first.to_owned()]].concat()
            }
            _ => return None,
        };
        path.extend(names.map(str::to_owned));
        while !all.contains_key(&path) {
            path.pop()?;
        }
        Some(path)
    };
    statements.filter_map(path).collect()
}

/// Whether one of them is a part of the other.
fn are_related(one: &Module, other: &Module) -> bool {
    one.starts_with(other) || other.starts_with(one)
}

fn circle(
    module: &Module,
    imports: &BTreeMap<Module, BTreeSet<Module>>,
    trail: &mut Vec<Module>,
    done: &mut BTreeSet<Module>,
) -> Option<Vec<Module>> {
    if let Some(begin) = trail.iter().position(|it| it == module) {
        return trail.get(begin..).map(<[Module]>::to_vec);
    }
    if done.contains(module) {
        return None;
    }
    trail.push(module.clone());
    let found = imports[module].iter().find_map(|import| circle(import, imports, trail, done));
    trail.pop();
    done.insert(module.clone());
    found
}

/// A circle of the imports between modules, of which no more than `depth` names are compared.
fn any_circle(all: &BTreeMap<Module, String>, depth: usize) -> Option<Vec<Module>> {
    let cut = |module: &Module| module.iter().take(depth).cloned().collect::<Module>();
    let mut graph: BTreeMap<Module, BTreeSet<Module>> = BTreeMap::new();
    for (module, text) in all {
        let mut found: Vec<Module> = imports(module, text, all).iter().map(cut).collect();
        found.retain(|import| !are_related(import, &cut(module)));
        for import in &found {
            graph.entry(import.clone()).or_default();
        }
        graph.entry(cut(module)).or_default().extend(found);
    }
    let mut done = BTreeSet::new();
    graph.keys().find_map(|module| circle(module, &graph, &mut Vec::new(), &mut done))
}

#[test]
fn no_imports_run_in_a_circle() {
    let mut all = BTreeMap::new();
    modules(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &Module::new(), &mut all);
    let module = |path: &str| path.split('/').map(str::to_owned).collect::<Module>();
    assert!(imports(&module("model/scan"), &all[&module("model/scan")], &all).contains(&module("git")));
    assert_eq!(any_circle(&all, usize::MAX), None, "between files");
    assert_eq!(any_circle(&all, 1), None, "between the parts of the core");
}
