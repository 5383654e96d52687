//! `IncludeNestedStacks`: with the change set of a stack come those of the stacks inside of it.
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/change-sets-for-nested-stacks.html>
use super::{Frame, drafted};
use crate::cloudformation::draft::DraftError;
use crate::cloudformation::errors::{invalid, unserved};
use crate::cloudformation::properties::Properties;
use crate::cloudformation::request;
use crate::cloudformation::resource::cloudformation::stack as resource;
use crate::cloudformation::resource::{Prepared, Wanted, generated_name};
use crate::cloudformation::start::{self, Begun, UpdateDraft};
use crate::request::RequestContext;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use vpclab_cloud::change_set::{ChangeAction, NestedIn, ResourceChange};
use vpclab_cloud::stack::{ChangeSetId, StackStatus};
use vpclab_cloud::{Cloud, Context, Stack, StackId};
use vpclab_template::UNKNOWN;
use vpclab_wire::WireError;

const KIND: &str = "AWS::CloudFormation::Stack";
/// How deep stacks are nested in each other.
const DEPTH_MAX: usize = 16;
/// How many nested stacks one change set has.
const STACKS_MAX: usize = 500;

/// How many bytes their templates have together, with the files that these include.
const TEMPLATES_BYTES_MAX: usize = 32 << 20;

/// A template and the files that it includes by their URL.
#[derive(Default)]
pub(super) struct Source {
    template: String,
    files: BTreeMap<String, String>,
}

impl Source {
    fn size(&self) -> usize {
        self.files.values().map(String::len).fold(self.template.len(), usize::saturating_add)
    }
}

/// The templates of nested stacks by their URL, or why they cannot be read.
pub(super) type Templates = BTreeMap<String, Result<Source, String>>;

/// Why no change set is made.
pub(super) enum Halt {
    /// It is refused.
    Refused(WireError),
    /// These templates have to be read before.
    Needs(BTreeSet<String>),
}

impl From<WireError> for Halt {
    fn from(error: WireError) -> Self {
        Self::Refused(error)
    }
}

/// Reads templates.
pub(super) async fn fetch(cx: &RequestContext, templates: &mut Templates, urls: BTreeSet<String>) {
    let mut size = templates.values().flatten().map(Source::size).fold(0, usize::saturating_add);
    for url in urls {
        let source = if size > TEMPLATES_BYTES_MAX { Err(too_long()) } else { source(cx, &url).await };
        size = size.saturating_add(source.as_ref().map_or(0, Source::size));
        templates.insert(url, source.and_then(|source| if size > TEMPLATES_BYTES_MAX { Err(too_long()) } else { Ok(source) }));
    }
}

fn too_long() -> String {
    format!("The templates of the nested stacks of a change set may not exceed {TEMPLATES_BYTES_MAX} bytes in size together.")
}

async fn source(cx: &RequestContext, url: &str) -> Result<Source, String> {
    let template = request::at(cx, url).await.map_err(|why| why.message)?;
    let files = request::files(cx, &template).await.map_err(|why| why.message)?;
    Ok(Source { template, files })
}

/// The change sets of nested stacks, while they are made.
pub(super) struct Nested<'a> {
    frame: &'a Frame,
    templates: &'a Templates,
    needs: BTreeSet<String>,
    count: usize,
}

/// A change set around others.
struct Outer<'a> {
    id: &'a ChangeSetId,
    root: &'a ChangeSetId,
    name: &'a str,
    /// The stack with what would be asked of it.
    stack: &'a Stack,
}

/// What is found of a nested stack.
enum Found {
    /// It stays as it is.
    Same,
    Made(ChangeSetId),
    Failed(ChangeSetId),
}

impl<'a> Nested<'a> {
    pub(super) fn new(frame: &'a Frame, templates: &'a Templates) -> Self {
        Self { frame, templates, needs: BTreeSet::new(), count: 0 }
    }

    /// Makes those of a whole hierarchy; answers why the outermost one fails, if it does.
    ///
    /// # Errors
    /// Templates that have to be read before.
    pub(super) fn all(
        mut self,
        cloud: &mut Cloud,
        c: &mut Context,
        (id, stack): (&ChangeSetId, &Stack),
        made: &mut UpdateDraft,
    ) -> Result<Option<String>, Halt> {
        let stack = Stack { spec: made.draft.spec.clone(), ..stack.clone() };
        let outer = Outer { id, root: id, name: &self.frame.name, stack: &stack };
        let failed = self.inside(cloud, c, &outer, made, 1)?;
        if self.needs.is_empty() { Ok(failed) } else { Err(Halt::Needs(self.needs)) }
    }

    /// Makes those of the stacks in one stack.
    fn inside(
        &mut self,
        cloud: &mut Cloud,
        c: &mut Context,
        outer: &Outer<'_>,
        made: &mut UpdateDraft,
        depth: usize,
    ) -> Result<Option<String>, Halt> {
        let mut failed = None;
        let mut kept = Vec::with_capacity(made.changes.len());
        for mut change in std::mem::take(&mut made.changes) {
            if change.kind == KIND && change.action != ChangeAction::Remove {
                match self.one(cloud, c, outer, &change, depth)? {
                    Found::Same if is_automatic(&change) => continue,
                    Found::Same => {}
                    Found::Made(id) => change.change_set = Some(id),
                    Found::Failed(id) => {
                        let why = format!("Nested change set {id} was not successfully created: Currently in FAILED.");
                        failed = failed.or(Some(why));
                        change.change_set = Some(id);
                    }
                }
                if let Some(stack) = change.change_set.as_ref().and_then(|id| cloud.change_sets.get(id)) {
                    change.physical = Some(stack.stack.to_string());
                }
            }
            kept.push(change);
        }
        made.changes = kept;
        made.differs = made.differs_beside || !made.changes.is_empty();
        Ok(failed)
    }

    fn one(&mut self, cloud: &mut Cloud, c: &mut Context, outer: &Outer<'_>, change: &ResourceChange, depth: usize) -> Result<Found, Halt> {
        self.count += 1;
        if depth > DEPTH_MAX || self.count > STACKS_MAX {
            return Err(invalid(format!("A change set includes at most {STACKS_MAX} nested stacks, {DEPTH_MAX} deep")).into());
        }
        let properties = change.after.clone().unwrap_or_default();
        let url = properties.get("TemplateURL").and_then(Value::as_str).unwrap_or_default();
        if url.contains(UNKNOWN) {
            return Err(unserved(&format!("IncludeNestedStacks of {}, whose TemplateURL is not known yet,", change.logical)).into());
        }
        let Some(template) = self.templates.get(url) else {
            self.needs.insert(url.to_owned());
            return Ok(Found::Same);
        };
        let mut tags = outer.stack.spec.tags.clone();
        tags.retain(|key, _| !key.starts_with("aws:"));
        let want = Wanted {
            stack: outer.stack,
            logical: &change.logical,
            properties: Properties::new(&properties),
            stack_tags: &tags,
            prepared: template
                .as_ref()
                .map_or_else(|_| Prepared::default(), |source| resource::prepared(&source.template, &source.files, None)),
            awaits_signals: false,
        };
        let there = change.physical.as_deref().and_then(|physical| cloud.stacks.get(&StackId::named(physical))).cloned();
        let creates = there.is_none();
        let stack = match there {
            Some(stack) => stack,
            None => blank(cloud, c, &want)?,
        };
        let frame = Frame { name: generated_name((outer.name, &change.logical), c, 128), description: None, creates, ..self.frame.clone() };
        let id = ChangeSetId::fresh(&c.scope, &frame.name, &mut c.ids);
        let place = NestedIn { parent: outer.id.clone(), root: outer.root.clone(), logical: change.logical.clone() };
        let asked = resource::asked(&want, c.now).map_err(|why| invalid(why.message))?;
        let made = match template {
            Ok(_) => drafted(cloud, &stack, &asked, creates).map_err(message),
            Err(why) => Err(why.clone()),
        };
        let mut made = match made {
            Ok(made) => made,
            Err(why) => {
                let begun = Begun::refused(&asked, why.clone());
                frame.fill(cloud, c, (id.clone(), Some(place)), &stack, (begun, Vec::new()), Some(why));
                return Ok(Found::Failed(id));
            }
        };
        let seen = Stack { spec: made.draft.spec.clone(), ..Stack::clone(&stack) };
        let around = Outer { id: &id, root: outer.root, name: &frame.name, stack: &seen };
        let failed = self.inside(cloud, c, &around, &mut made, depth + 1)?;
        if failed.is_none() && !made.differs {
            return Ok(Found::Same);
        }
        let found = if failed.is_none() { Found::Made(id.clone()) } else { Found::Failed(id.clone()) };
        frame.fill(cloud, c, (id, Some(place)), &stack, (made.draft.into(), made.changes), failed);
        Ok(found)
    }
}

/// A nested stack that is there to be reviewed.
fn blank(cloud: &mut Cloud, c: &mut Context, want: &Wanted<'_>) -> Result<Arc<Stack>, WireError> {
    let name = want.physical_name(c, 128);
    let id = start::blank(cloud, c, &name, Some(want.stack))?;
    cloud.set_stack_status(c, &id, StackStatus::ReviewInProgress, Some("User Initiated"));
    cloud.stacks.get(&id).cloned().ok_or_else(|| invalid(format!("Stack [{name}] does not exist")))
}

/// Whether it is listed only because the nested stack may change.
fn is_automatic(change: &ResourceChange) -> bool {
    change.action == ChangeAction::Modify
        && change.details.iter().all(|detail| detail.source == "Automatic")
        && change.scope == ["Properties"]
}

fn message(why: DraftError) -> String {
    WireError::from(why).message
}
