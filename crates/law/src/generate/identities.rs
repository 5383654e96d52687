//! Who signs: users and roles of both accounts, with policies that allow, deny or say nothing.
use super::{ACCOUNTS, Made};
use crate::{
    case::{Step, WrongSignature},
    dice::Dice,
};
use serde_json::{Value, json};

/// One user of each account, a role, and now and then one more.
pub(super) fn identities(dice: &mut Dice, made: &mut Made) {
    for n in 0..dice.between(3, 4) {
        let (is, role) = (format!("u{n}"), n >= 2);
        let account = ACCOUNTS.get(if n < 2 { n } else { dice.below(2) }).copied().unwrap_or_default();
        let policy = dice.percent(75).then(|| policy(dice));
        made.steps.push(Step::Identity { is: is.clone(), account: account.into(), role, policy, managed: dice.percent(30) });
        if dice.percent(12) {
            made.steps.push(Step::Boundary { identity: is.clone(), execute_api: dice.percent(60) });
        }
        made.identities.push(is);
    }
}

fn policy(dice: &mut Dice) -> Value {
    let mut statements = Vec::new();
    if dice.percent(70) {
        let resource = dice.word(&["*", "*", "arn:aws:execute-api:*:*:*/dev/*", "arn:aws:execute-api:*:*:*/*/GET/*", "arn:aws:s3:::b/*"]);
        statements
            .push(json!({"Effect": "Allow", "Action": dice.word(&["execute-api:Invoke", "execute-api:*", "*"]), "Resource": resource}));
    }
    if statements.is_empty() || dice.percent(35) {
        let mut statement = json!({
            "Effect": dice.word(&["Deny", "Deny", "Allow"]),
            "Action": dice.word(&["execute-api:Invoke", "s3:GetObject"]),
            "Resource": dice.word(&["*", "arn:aws:execute-api:*:*:*/*/GET/pets", "arn:aws:execute-api:*:111122223333:*"]),
        });
        if dice.percent(30)
            && let Some(object) = statement.as_object_mut()
        {
            let (operator, key, value) = condition(dice, "u1");
            object.insert("Condition".into(), json!({operator: {key: value}}));
        }
        statements.push(statement);
    }
    json!({"Version": "2012-10-17", "Statement": statements})
}

/// A condition on who signs.
pub(super) fn condition(dice: &mut Dice, label: &str) -> (String, String, Value) {
    let operator = dice.word(&["StringEquals", "StringNotEquals", "StringLike", "StringEqualsIfExists"]);
    let (key, value) = match dice.below(7) {
        0 => ("aws:PrincipalArn", format!("arn:aws:iam::111122223333:user/{label}")),
        1 => ("aws:PrincipalAccount", dice.word(&ACCOUNTS)),
        2 => ("aws:PrincipalType", dice.word(&["User", "AssumedRole", "Anonymous"])),
        3 => ("aws:username", label.to_owned()),
        4 => ("aws:userid", dice.word(&["AIDA*", "AROA*:law", "anonymous"])),
        5 => ("aws:PrincipalTag/Team", label.to_owned()),
        _ => {
            return ("Null".into(), dice.word(&["aws:TokenIssueTime", "aws:MultiFactorAuthPresent"]), json!(dice.word(&["true", "false"])));
        }
    };
    (operator, key.into(), json!(value))
}

/// Who a policy of a resource may name.
pub(super) fn principal(dice: &mut Dice, made: &Made) -> Value {
    match (dice.below(3), dice.pick(&made.identities)) {
        (0, _) | (_, None) => json!({"AWS": format!("arn:aws:iam::{}:root", dice.word(&ACCOUNTS))}),
        (_, Some(label)) => json!({"AWS": format!("<arn:{label}>")}),
    }
}

/// Who signs a call, and what is wrong with the signature.
pub(super) fn signer(dice: &mut Dice, made: &Made) -> (Option<String>, Option<WrongSignature>) {
    if !dice.percent(45) {
        return (None, None);
    }
    let wrong = match dice.below(30) {
        0 => Some(WrongSignature::Secret),
        1 => Some(WrongSignature::Region),
        2 => Some(WrongSignature::Token),
        _ => None,
    };
    (dice.pick(&made.identities).cloned(), wrong)
}
