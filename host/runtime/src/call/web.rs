//! The door to the web: which granted site an address belongs to, before the monitor is asked.

use lazaret_kernel::instance::Handle;
use lazaret_policy::compiled::{Function, FunctionKind};
use lazaret_policy::web::Method;
use serde_json::{Value, json};
use url::Url;

use super::{Caller, Given};
use crate::bindings::types::Error as GuestError;
use crate::perform;
use crate::words;

impl Caller {
    /// Sends a request to the first granted site that holds the address. Which one that is
    /// depends on the address alone, which the caller wrote itself.
    pub(crate) async fn fetch(
        &self,
        method: &str,
        url: String,
        headers: Vec<(String, String)>,
        body: Option<Handle>,
    ) -> Result<Handle, GuestError> {
        let Some(method) = Method::parse(method) else {
            let known = Method::ALL.map(Method::name).join("`, `");
            return Err(GuestError::Invalid(format!("a method is one of `{known}`")));
        };
        let parsed = Url::parse(&url)
            .map_err(|error| GuestError::Invalid(format!("malformed address: {error}")))?;
        let function = self.site_of(method, &parsed);
        let function =
            function.ok_or_else(|| self.refuse("web.fetch", &words::no_site(method.name())))?;
        let headers = headers
            .into_iter()
            .map(|(name, value)| json!({ "name": name, "value": value }));
        let mut arguments = vec![
            ("url".to_owned(), Given::Plain(Value::String(url))),
            ("headers".to_owned(), Given::Plain(headers.collect())),
        ];
        if let Some(body) = body {
            arguments.push(("body".to_owned(), Given::Content(body)));
        }
        self.effect(&function, arguments).await
    }

    /// Asks the search service.
    pub(crate) async fn search(&self, query: String) -> Result<Handle, GuestError> {
        let arguments = vec![("query".to_owned(), Given::Plain(Value::String(query)))];
        self.effect("web.search", arguments).await
    }

    /// Says whether a secret is set that something granted to this instance uses.
    pub(crate) fn has_secret(&self, name: &str) -> bool {
        let used = self
            .granted()
            .iter()
            .any(|function| self.uses(function, name));
        used && self.run.vault.has(name)
    }

    fn site_of(&self, method: Method, url: &Url) -> Option<String> {
        let sites = &self.run.compiled.sites;
        self.granted()
            .into_iter()
            .find_map(|function| match &function.kind {
                FunctionKind::WebFetch {
                    site,
                    method: other,
                } if *other == method => {
                    let holds = sites
                        .get(site)
                        .is_some_and(|site| perform::web::holds(site, url));
                    holds.then(|| function.name.clone())
                }
                _ => None,
            })
    }

    fn uses(&self, function: &Function, secret: &str) -> bool {
        let compiled = &self.run.compiled;
        if let FunctionKind::Mcp { server, .. } = &function.kind {
            let server = compiled.servers.get(server);
            return server.is_some_and(|server| server.secrets().contains(&secret));
        }
        if let FunctionKind::Command { group } = &function.kind {
            let commands = compiled.commands.as_ref();
            let group = commands.and_then(|commands| commands.group(group));
            return group.is_some_and(|group| group.secrets.iter().any(|(_, name)| name == secret));
        }
        let site = match &function.kind {
            FunctionKind::WebFetch { site, .. } => compiled.sites.get(site),
            FunctionKind::WebSearch => compiled.search.as_ref().map(|search| &search.site),
            _ => None,
        };
        site.is_some_and(|site| {
            let mut named = site
                .headers
                .iter()
                .flat_map(|(_, template)| template.secrets());
            named.any(|name| name == secret)
        })
    }

    /// Returns the functions that this instance was granted, in the policy's order.
    fn granted(&self) -> Vec<&Function> {
        let monitor = self.run.monitor();
        let Ok(grants) = monitor.grants(self.instance) else {
            return Vec::new();
        };
        let functions = grants.functions();
        functions
            .filter_map(|id| self.run.compiled.function(id))
            .collect()
    }
}
