//! The permission policy and the trust policy for a role, ready to paste.

use serde_json::{Value, json};

use super::principal::{ACCOUNT, Principal};
use crate::plan::{AssumeRole, RoleArn};

/// The permission policy of the caller.
pub(super) fn permission(step: &AssumeRole) -> String {
    policy(&[
        ("Effect", json!("Allow")),
        ("Action", actions(step)),
        ("Resource", json!(step.role.value.to_string())),
    ])
}

/// The trust policy of the role.
pub(super) fn trust(step: &AssumeRole, caller: &Principal) -> String {
    let mut conditions = Vec::new();
    let principal = match caller {
        Principal::Arn(arn) => arn.clone(),
        Principal::SsoRole { account, pattern } => {
            conditions.push(("ArnLike", json!({ "aws:PrincipalArn": pattern })));
            account.clone()
        }
        Principal::Unknown { partition } => format!("arn:{partition}:iam::{ACCOUNT}:root"),
    };
    if let Some(external_id) = &step.external_id {
        conditions.push(("StringEquals", json!({ "sts:ExternalId": external_id.value })));
    }
    if step.mfa.is_some() {
        conditions.push(("Bool", json!({ "aws:MultiFactorAuthPresent": "true" })));
    }
    let mut statement = vec![
        ("Effect", json!("Allow")),
        ("Principal", json!({ "AWS": principal })),
        ("Action", actions(step)),
    ];
    statement.extend(condition(conditions));
    policy(&statement)
}

/// Claims of an identity provider's token.
#[derive(Default)]
pub(super) struct Claims {
    pub(super) issuer: Option<String>,
    pub(super) audience: Option<String>,
    pub(super) subject: Option<String>,
}

/// The placeholder for an unknown identity provider.
pub(super) const PROVIDER: &str = "PROVIDER";

/// Providers that IAM knows by name.
const BUILT_IN: [&str; 4] = [
    "accounts.google.com",
    "cognito-identity.amazonaws.com",
    "graph.facebook.com",
    "www.amazon.com",
];

/// The trust policy of a role that a web identity assumes.
pub(super) fn web_identity_trust(role: &RoleArn, claims: &Claims) -> String {
    let provider = claims.issuer.as_deref().unwrap_or(PROVIDER);
    let provider = provider.trim_start_matches("https://").trim_end_matches('/');
    let federated = if BUILT_IN.contains(&provider) {
        provider.to_owned()
    } else {
        format!(
            "arn:{}:iam::{}:oidc-provider/{provider}",
            role.partition(),
            role.account()
        )
    };
    let mut equals = serde_json::Map::new();
    for (claim, value) in [("aud", &claims.audience), ("sub", &claims.subject)] {
        if let Some(value) = value {
            // In a condition, `${` begins a variable.
            equals.insert(format!("{provider}:{claim}"), json!(value.replace("${", "${$}{")));
        }
    }
    let mut statement = vec![
        ("Effect", json!("Allow")),
        ("Principal", json!({ "Federated": federated })),
        ("Action", json!("sts:AssumeRoleWithWebIdentity")),
    ];
    if !equals.is_empty() {
        statement.extend(condition(vec![("StringEquals", Value::Object(equals))]));
    }
    policy(&statement)
}

fn actions(step: &AssumeRole) -> Value {
    let mut actions = vec!["sts:AssumeRole"];
    if !step.options.tags.is_empty() {
        actions.push("sts:TagSession");
    }
    if step.options.source_identity.is_some() {
        actions.push("sts:SetSourceIdentity");
    }
    match actions[..] {
        [only] => json!(only),
        _ => json!(actions),
    }
}

fn condition(conditions: Vec<(&str, Value)>) -> Option<(&'static str, Value)> {
    let all: serde_json::Map<String, Value> = conditions
        .into_iter()
        .map(|(operator, value)| (operator.to_owned(), value))
        .collect();
    (!all.is_empty()).then_some(("Condition", Value::Object(all)))
}

/// One statement in the usual order of its members, which a map would not keep.
fn policy(statement: &[(&str, Value)]) -> String {
    let members: Vec<String> = statement
        .iter()
        .map(|(key, value)| format!("      {}: {value}", json!(key)))
        .collect();
    format!(
        "{{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [\n    {{\n{}\n    }}\n  ]\n}}",
        members.join(",\n")
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Located, Origin};
    use crate::plan::MfaDevice;
    use crate::plan::SessionOptions;

    fn located<Value>(value: Value) -> Located<Value> {
        Located {
            value,
            origin: Origin::Default,
        }
    }

    fn role() -> Result<AssumeRole, crate::plan::BadRoleArn> {
        Ok(AssumeRole {
            profile: None,
            role: located(RoleArn::parse("arn:aws-cn:iam::222222222222:role/team/x")?),
            session_name: located("me".to_owned()),
            external_id: None,
            mfa: None,
            duration: None,
            options: SessionOptions::default(),
            chained: false,
        })
    }

    #[test]
    fn a_plain_role_needs_two_plain_policies() -> Result<(), crate::plan::BadRoleArn> {
        let step = role()?;
        assert_eq!(
            permission(&step),
            r#"{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": "sts:AssumeRole",
      "Resource": "arn:aws-cn:iam::222222222222:role/team/x"
    }
  ]
}"#
        );
        let caller = Principal::Arn("arn:aws-cn:iam::111111111111:root".to_owned());
        assert!(trust(&step, &caller).contains(r#""Principal": {"AWS":"arn:aws-cn:iam::111111111111:root"}"#));
        assert!(!trust(&step, &caller).contains("Condition"));
        Ok(())
    }

    #[test]
    fn conditions_and_actions_follow_from_what_is_sent() -> Result<(), Box<dyn std::error::Error>> {
        let mut step = role()?;
        step.external_id = Some(located("a/\"b".to_owned()));
        step.mfa = Some(MfaDevice {
            serial: located("GAHT12345678".to_owned()),
            process: None,
            session: None,
        });
        step.options.tags = vec![("k".to_owned(), "v".to_owned())];
        step.options.source_identity = Some("ana".to_owned());
        let caller = Principal::SsoRole {
            account: "arn:aws:iam::1:root".to_owned(),
            pattern: "arn:aws:iam::1:role/*".to_owned(),
        };
        let trust: Value = serde_json::from_str(&trust(&step, &caller))?;
        assert_eq!(
            trust["Statement"][0]["Condition"],
            json!({
                "ArnLike": { "aws:PrincipalArn": "arn:aws:iam::1:role/*" },
                "StringEquals": { "sts:ExternalId": "a/\"b" },
                "Bool": { "aws:MultiFactorAuthPresent": "true" },
            })
        );
        let actions = json!(["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"]);
        assert_eq!(trust["Statement"][0]["Action"], actions);
        let permission: Value = serde_json::from_str(&permission(&step))?;
        assert_eq!(permission["Statement"][0]["Action"], actions);
        Ok(())
    }

    #[test]
    fn a_provider_is_named_by_its_token() -> Result<(), Box<dyn std::error::Error>> {
        let role = RoleArn::parse("arn:aws:iam::222222222222:role/x")?;
        let claims = Claims {
            issuer: Some("https://oidc.example/id/1".to_owned()),
            audience: Some("sts.amazonaws.com".to_owned()),
            subject: None,
        };
        let trust: Value = serde_json::from_str(&web_identity_trust(&role, &claims))?;
        let statement = &trust["Statement"][0];
        assert_eq!(
            statement["Principal"]["Federated"],
            "arn:aws:iam::222222222222:oidc-provider/oidc.example/id/1"
        );
        assert_eq!(
            statement["Condition"],
            json!({ "StringEquals": { "oidc.example/id/1:aud": "sts.amazonaws.com" } })
        );
        Ok(())
    }
}
