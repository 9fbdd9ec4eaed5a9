//! TypeScript: declarations of the modules that `componentize-qjs` gives a program, one file an
//! interface.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use anyhow::{Context as _, Result, bail};
use wit_parser::{
    Docs, Function, Handle, Interface, InterfaceId, PackageId, Resolve, Type, TypeDefKind, TypeId,
    TypeOwner,
};

/// Returns the declarations of every interface.
pub(super) fn files(resolve: &Resolve, package: PackageId) -> Result<BTreeMap<String, String>> {
    let package = resolve
        .packages
        .get(package)
        .context("the contract has no package")?;
    let whole = package.name.to_string();
    let (plain, version) = whole.split_once('@').context("no version")?;
    let mut files = BTreeMap::new();
    // A file that imports nothing itself: only there a declaration makes a module.
    let mut modules = HEAD.to_owned();
    for (name, id) in &package.interfaces {
        let text = Writer::new(resolve, *id).interface()?;
        if text.contains("export interface Functions") {
            writeln!(
                modules,
                "declare module '{plain}/{name}@{version}' {{\n  const functions: import('./{name}').Functions\n  export default functions\n}}"
            )?;
        }
        files.insert(format!("sdk/js/generated/{name}.d.ts"), text);
    }
    files.insert("sdk/js/generated/modules.d.ts".to_owned(), modules);
    Ok(files)
}

const HEAD: &str = "// Generated from the contract by `cargo xtask bindings`.\n";

struct Writer<'a> {
    resolve: &'a Resolve,
    own: InterfaceId,
    /// What other interfaces' files declare, by their name.
    foreign: BTreeMap<String, BTreeSet<String>>,
}

impl<'a> Writer<'a> {
    fn new(resolve: &'a Resolve, own: InterfaceId) -> Self {
        Self {
            resolve,
            own,
            foreign: BTreeMap::new(),
        }
    }

    fn interface(mut self) -> Result<String> {
        let resolve = self.resolve;
        let interface = resolve
            .interfaces
            .get(self.own)
            .context("the interface is gone")?;
        let types = self.types(interface)?;
        let functions = self.functions(interface)?;
        let mut text = HEAD.to_owned();
        for (file, names) in &self.foreign {
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            let names = names.join(", ");
            writeln!(text, "import type {{ {names} }} from './{file}'")?;
        }
        text.push_str(&types);
        if !interface.functions.is_empty() {
            text.push('\n');
            comment(&mut text, &interface.docs, "");
            writeln!(text, "export interface Functions {{\n{functions}}}")?;
        }
        Ok(text)
    }

    fn types(&mut self, interface: &Interface) -> Result<String> {
        let mut text = String::new();
        for (name, id) in &interface.types {
            let resolve = self.resolve;
            let one = resolve.types.get(*id).context("a type is gone")?;
            // A type that is only used here is declared where it belongs.
            if matches!(&one.kind, TypeDefKind::Type(Type::Id(other)) if self.owner(*other)? != Some(self.own))
            {
                continue;
            }
            text.push('\n');
            comment(&mut text, &one.docs, "");
            let name = pascal(name);
            if let TypeDefKind::Record(record) = &one.kind {
                writeln!(text, "export interface {name} {{")?;
                for field in &record.fields {
                    comment(&mut text, &field.docs, "  ");
                    writeln!(text, "  {}: {}", camel(&field.name), self.shape(&field.ty)?)?;
                }
                text.push_str("}\n");
            } else {
                writeln!(text, "export type {name} ={}", self.kind(&one.kind)?)?;
            }
        }
        Ok(text)
    }

    fn functions(&mut self, interface: &Interface) -> Result<String> {
        let mut text = String::new();
        for (name, function) in &interface.functions {
            comment(&mut text, &function.docs, "  ");
            let parameters: Result<Vec<String>> = function
                .params
                .iter()
                .map(|parameter| {
                    let name = parameter_name(&parameter.name);
                    Ok(format!("{name}: {}", self.shape(&parameter.ty)?))
                })
                .collect();
            let parameters = parameters?.join(", ");
            let answer = self.answer(function)?;
            writeln!(text, "  {}({parameters}): {answer}", camel(name))?;
        }
        Ok(text)
    }

    /// A function's result is returned or thrown.
    fn answer(&mut self, function: &Function) -> Result<String> {
        let Some(answer) = &function.result else {
            return Ok("void".to_owned());
        };
        if let Type::Id(id) = answer
            && let Some(one) = self.resolve.types.get(*id)
            && let TypeDefKind::Result(result) = &one.kind
        {
            return result
                .ok
                .as_ref()
                .map_or_else(|| Ok("void".to_owned()), |ok| self.shape(ok));
        }
        self.shape(answer)
    }

    fn kind(&mut self, kind: &TypeDefKind) -> Result<String> {
        Ok(match kind {
            TypeDefKind::Enum(cases) => {
                let mut text = String::new();
                for one in &cases.cases {
                    write!(text, "\n  | '{}'", one.name)?;
                }
                text
            }
            TypeDefKind::Variant(variant) => {
                let mut text = String::new();
                for one in &variant.cases {
                    text.push('\n');
                    comment(&mut text, &one.docs, "  ");
                    let value = match &one.ty {
                        Some(shape) => format!("; val: {}", self.shape(shape)?),
                        None => String::new(),
                    };
                    write!(text, "  | {{ tag: '{}'{value} }}", one.name)?;
                }
                text
            }
            TypeDefKind::Type(one) => format!(" {}", self.shape(one)?),
            other => format!(" {}", self.anonymous(other)?),
        })
    }

    fn shape(&mut self, shape: &Type) -> Result<String> {
        Ok(match shape {
            Type::Bool => "boolean".to_owned(),
            Type::String | Type::Char => "string".to_owned(),
            Type::Id(id) => return self.named(*id),
            _number => "number".to_owned(),
        })
    }

    fn named(&mut self, id: TypeId) -> Result<String> {
        let resolve = self.resolve;
        let one = resolve.types.get(id).context("a type is gone")?;
        let Some(name) = &one.name else {
            return self.anonymous(&one.kind);
        };
        let mut id = id;
        while let Some(TypeDefKind::Type(Type::Id(next))) =
            resolve.types.get(id).map(|one| &one.kind)
        {
            id = *next;
        }
        let name = pascal(name);
        if let Some(owner) = self.owner(id)?.filter(|owner| *owner != self.own) {
            let owner = resolve
                .interfaces
                .get(owner)
                .and_then(|one| one.name.clone());
            let file = owner.context("an interface has no name")?;
            self.foreign.entry(file).or_default().insert(name.clone());
        }
        Ok(name)
    }

    fn anonymous(&mut self, kind: &TypeDefKind) -> Result<String> {
        Ok(match kind {
            TypeDefKind::List(one) => format!("{}[]", bracketed(&self.shape(one)?)),
            TypeDefKind::Option(one) => format!("{} | null", self.shape(one)?),
            TypeDefKind::Result(result) => {
                let mut case = |tag: &str, one: &Option<Type>| -> Result<String> {
                    let value = match one {
                        Some(shape) => format!("; val: {}", self.shape(shape)?),
                        None => String::new(),
                    };
                    Ok(format!("{{ tag: '{tag}'{value} }}"))
                };
                let (ok, err) = (case("ok", &result.ok)?, case("err", &result.err)?);
                format!("{ok} | {err}")
            }
            TypeDefKind::Handle(Handle::Own(_) | Handle::Borrow(_)) => {
                bail!("the contract has no resources")
            }
            other => bail!("`{}` has no place in these declarations", other.as_str()),
        })
    }

    fn owner(&self, id: TypeId) -> Result<Option<InterfaceId>> {
        let one = self.resolve.types.get(id).context("a type is gone")?;
        Ok(match one.owner {
            TypeOwner::Interface(owner) => Some(owner),
            TypeOwner::World(_) | TypeOwner::None => None,
        })
    }
}

fn comment(text: &mut String, docs: &Docs, indent: &str) {
    let Some(docs) = docs.contents.as_deref().map(str::trim) else {
        return;
    };
    let lines: Vec<&str> = docs.lines().map(str::trim_end).collect();
    if let [one] = lines.as_slice() {
        text.extend([indent, "/** ", one.trim(), " */\n"]);
        return;
    }
    text.extend([indent, "/**\n"]);
    for line in lines {
        let line = format!("{indent} * {line}");
        text.extend([line.trim_end(), "\n"]);
    }
    text.extend([indent, " */\n"]);
}

fn bracketed(shape: &str) -> String {
    if shape.contains(' ') {
        format!("({shape})")
    } else {
        shape.to_owned()
    }
}

/// Words that may name a field of the language, and no parameter.
const RESERVED: [&str; 8] = [
    "class", "default", "delete", "export", "function", "import", "in", "new",
];

fn parameter_name(name: &str) -> String {
    let name = camel(name);
    if RESERVED.contains(&name.as_str()) {
        return name + "_";
    }
    name
}

fn camel(name: &str) -> String {
    let pascal = pascal(name);
    let mut letters = pascal.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_lowercase().chain(letters).collect()
    })
}

fn pascal(name: &str) -> String {
    name.split('-')
        .map(|word| {
            let mut letters = word.chars();
            letters.next().map_or_else(String::new, |first| {
                first.to_uppercase().chain(letters).collect::<String>()
            })
        })
        .collect()
}
