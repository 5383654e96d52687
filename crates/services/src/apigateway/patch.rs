//! Patch operations: <https://docs.aws.amazon.com/apigateway/latest/api/patch-operations.html>
use super::errors::{bad_request, not_served};
use vpclab_wire::{WireError, apigateway as wire};

/// One patch operation.
#[derive(Debug)]
pub(super) struct Patch {
    pub(super) op: Op,
    /// The path as it was sent.
    pub(super) path: String,
    /// Its parts, `~1` and `~0` decoded.
    parts: Vec<String>,
    value: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Op {
    Add,
    Remove,
    Replace,
}

impl Op {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::Remove => "remove",
            Self::Replace => "replace",
        }
    }
}

/// Reads all operations of a request.
pub(super) fn read(operations: Vec<wire::PatchOperation>) -> Result<Vec<Patch>, WireError> {
    operations.into_iter().map(Patch::read).collect()
}

impl Patch {
    fn read(operation: wire::PatchOperation) -> Result<Self, WireError> {
        let op = match operation.op.as_deref() {
            Some("add") => Op::Add,
            Some("remove") => Op::Remove,
            Some("replace") => Op::Replace,
            Some(op @ ("copy" | "move" | "test")) => return Err(not_served(&format!("the patch operation `{op}`"))),
            _ => return Err(bad_request("Invalid patch operation specified. Must be one of: [add, remove, replace, move, copy, test]")),
        };
        if operation.from.is_some() {
            return Err(not_served("`from` of patch operations"));
        }
        let path = operation.path.unwrap_or_default();
        let Some(inside) = path.strip_prefix('/') else {
            return Err(bad_request(format!("Invalid patch path {path}")));
        };
        let parts = inside.split('/').map(|part| part.replace("~1", "/").replace("~0", "~")).collect();
        Ok(Self { op, parts, path, value: operation.value })
    }

    /// The operation and the parts of the path, to match on.
    pub(super) fn target(&self) -> (Op, Vec<&str>) {
        (self.op, self.parts.iter().map(String::as_str).collect())
    }

    /// The value, which has to be there.
    pub(super) fn value(&self) -> Result<String, WireError> {
        let missing = || bad_request(format!("Invalid null or empty value in {}", self.path));
        self.value.clone().filter(|value| !value.is_empty()).ok_or_else(missing)
    }

    /// The value, where none or an empty one takes away.
    pub(super) fn optional(&self) -> Option<String> {
        self.value.clone().filter(|value| !value.is_empty() && self.op != Op::Remove)
    }

    /// API Gateway takes everything but `true` as false.
    pub(super) fn truth(&self) -> bool {
        self.value.as_deref().is_some_and(|value| value.eq_ignore_ascii_case("true"))
    }

    /// The path is known, the operation is not among those it takes.
    pub(super) fn wrong_op(&self, legal: &[Op]) -> WireError {
        let legal: Vec<&str> = legal.iter().map(|op| op.as_str()).collect();
        bad_request(format!("Invalid patch operation specified. Must be one of: [{}]", legal.join(", ")))
    }

    /// The path is not known; the resource names those that are.
    pub(super) fn wrong_path(&self, legal: &[&str]) -> WireError {
        bad_request(format!(
            "Invalid patch path  '{}' specified for op '{}'. Must be one of: [{}]",
            self.path,
            self.op.as_str(),
            legal.join(", ")
        ))
    }

    /// The path is not known; the resource names none.
    pub(super) fn unknown_path(&self) -> WireError {
        bad_request(format!("Invalid patch path {}", self.path))
    }

    /// AWS knows the path, vpclab does not do it.
    pub(super) fn unserved(&self) -> WireError {
        not_served(&format!("the patch path `{}`", self.path))
    }
}
