//! A whole tree of resources put at once, as an OpenAPI document declares it.
use super::bad_request;
use crate::method::Method;
use crate::{Cloud, Context, Refusal, ResourceId, RestApiId};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Paths with their methods by name.
pub type Definition = BTreeMap<String, BTreeMap<String, Method>>;

/// How a definition meets what is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PutMode {
    /// What the definition does not name goes.
    Overwrite,
    /// What the definition does not name stays.
    Merge,
}

impl Cloud {
    /// Puts a definition's resources and methods in an API. A resource whose path stays keeps its id.
    ///
    /// # Errors
    /// When the API is not there, or a path or a method is not legal; the text names it.
    pub fn put_definition(&mut self, cx: &mut Context, api: &RestApiId, definition: Definition, mode: PutMode) -> Result<(), Refusal> {
        let root = self.rest_api(&cx.scope, api)?.root.clone();
        if mode == PutMode::Overwrite {
            self.prune(cx, api, &definition)?;
        }
        let mut known: BTreeMap<String, ResourceId> = self.resources_of(api).map(|r| (r.path.clone(), r.id.clone())).collect();
        known.insert("/".to_owned(), root);
        for (path, methods) in definition {
            let id = self.resource_at(cx, api, &path, &mut known)?;
            let resource = self.resource(&cx.scope, api, &id)?;
            let mut resource = crate::Resource::clone(resource);
            for (name, method) in methods {
                crate::method::check_name(&name)?;
                method.check().map_err(|why| within(&why, &format!("Unable to put method '{name}' on resource at path '{path}'")))?;
                resource.methods.insert(name, method);
            }
            self.resources.insert((api.clone(), id), Arc::new(resource));
        }
        Ok(())
    }

    /// Takes away what a definition does not name: its methods all, its resources where no path goes through them.
    fn prune(&mut self, cx: &mut Context, api: &RestApiId, definition: &Definition) -> Result<(), Refusal> {
        let mut wanted = BTreeSet::from(["/"]);
        for path in definition.keys() {
            wanted.insert(path.as_str());
            wanted.extend(path.match_indices('/').filter_map(|(at, _)| path.get(..at)));
        }
        let there: Vec<_> = self.resources_of(api).cloned().collect();
        for resource in there {
            if wanted.contains(resource.path.as_str()) {
                let bare = crate::Resource { methods: BTreeMap::new(), ..crate::Resource::clone(&resource) };
                self.resources.insert((api.clone(), resource.id.clone()), Arc::new(bare));
            } else if self.resource(&cx.scope, api, &resource.id).is_ok() {
                self.delete_resource(cx, api, &resource.id)?;
            }
        }
        Ok(())
    }

    fn resource_at(
        &mut self,
        cx: &mut Context,
        api: &RestApiId,
        path: &str,
        known: &mut BTreeMap<String, ResourceId>,
    ) -> Result<ResourceId, Refusal> {
        let mut at = String::new();
        let mut id = known.get("/").cloned().ok_or_else(|| bad_request("The API has no root resource"))?;
        for part in path.split('/').filter(|part| !part.is_empty()) {
            at.push('/');
            at.push_str(part);
            id = match known.get(&at) {
                Some(id) => id.clone(),
                None => {
                    let made = self
                        .create_resource(cx, api, &id, part.to_owned())
                        .map_err(|why| within(&why, &format!("Unable to create resource at path '{path}'")))?;
                    known.insert(at.clone(), made.clone());
                    made
                }
            };
        }
        Ok(id)
    }
}

/// A refusal of one part, as an import words it.
fn within(why: &Refusal, what: &str) -> Refusal {
    match why {
        Refusal::ApiLimitExceeded(_) => why.clone(),
        other => bad_request(format!("Errors found during import:\n\t{what}: {other}")),
    }
}
