//! What STS says when it refuses, word for word as the real service does.

use crate::refusal::Refusal;

impl Refusal {
    fn denied(message: impl Into<String>) -> Self {
        Self::new(403, "AccessDenied", message)
    }

    pub(crate) fn validation(message: impl Into<String>) -> Self {
        Self::new(400, "ValidationError", message)
    }

    /// The same text for a distrusted caller, a wrong external id, a missing MFA code and a role
    /// that does not exist: STS does not tell which roles there are.
    pub(crate) fn not_authorized(caller_arn: &str, role_arn: &str) -> Self {
        Self::denied(format!(
            "User: {caller_arn} is not authorized to perform: sts:AssumeRole on resource: {role_arn}"
        ))
    }

    pub(crate) fn not_authorized_for_web_identity() -> Self {
        Self::denied("Not authorized to perform sts:AssumeRoleWithWebIdentity")
    }

    pub(crate) fn wrong_identity_token() -> Self {
        Self::new(400, "InvalidIdentityToken", "Incorrect token audience")
    }

    pub(crate) fn duplicate_tag() -> Self {
        let message = "Duplicate tag keys found. Please note that Tag keys are case insensitive.";
        Self::new(400, "InvalidParameterValue", message)
    }

    pub(crate) fn transitive_without_tag() -> Self {
        let message = "The specified transitive tag key must be included in the requested tags.";
        Self::new(400, "InvalidParameterValue", message)
    }

    pub(crate) fn root_account() -> Self {
        Self::denied("Roles may not be assumed by root accounts.")
    }

    pub(crate) fn session_of_a_session() -> Self {
        Self::denied("Cannot call GetSessionToken with session credentials")
    }

    pub(crate) fn may_not_get_session_token(caller_arn: &str) -> Self {
        Self::denied(format!(
            "User: {caller_arn} is not authorized to perform: sts:GetSessionToken with an explicit deny"
        ))
    }

    /// A wrong code, or one that was used before. The blank at the end is AWS's.
    pub(crate) fn wrong_code() -> Self {
        Self::denied("MultiFactorAuthentication failed with invalid MFA one time pass code. ")
    }

    /// A serial number that is not one of the caller's. The two blanks are AWS's.
    pub(crate) fn unknown_device() -> Self {
        Self::denied(
            "MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your \
             MFA serial number is valid and associated with this user.",
        )
    }

    pub(crate) fn half_of_mfa() -> Self {
        Self::denied(
            "MultiFactorAuthentication failed, must provide both MFA serial number and one time \
             pass code.",
        )
    }

    pub(crate) fn chained_too_long() -> Self {
        Self::validation(
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by \
             role chaining.",
        )
    }

    pub(crate) fn longer_than_role_allows() -> Self {
        Self::validation("The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
    }

    pub(crate) fn malformed_policy() -> Self {
        Self::new(400, "MalformedPolicyDocument", "This policy contains invalid Json")
    }

    pub(crate) fn packed_policy(percent: usize) -> Self {
        let message = format!("Packed policy consumes {percent}% of allotted space, please use smaller policy.");
        Self::new(400, "PackedPolicyTooLarge", message)
    }

    pub(crate) fn expired_token() -> Self {
        Self::new(
            403,
            "ExpiredToken",
            "The security token included in the request is expired",
        )
    }

    pub(crate) fn invalid_token() -> Self {
        let message = "The security token included in the request is invalid.";
        Self::new(403, "InvalidClientTokenId", message)
    }

    pub(crate) fn unsigned() -> Self {
        let message = "Request is missing Authentication Token";
        Self::new(403, "MissingAuthenticationToken", message)
    }

    pub(crate) fn incomplete_signature(message: impl Into<String>) -> Self {
        Self::new(400, "IncompleteSignature", message)
    }

    /// The code also covers dates and scopes that are wrong, with texts of their own.
    pub(crate) fn signature(message: impl Into<String>) -> Self {
        Self::new(403, "SignatureDoesNotMatch", message)
    }

    pub(crate) fn wrong_signature() -> Self {
        Self::signature(
            "The request signature we calculated does not match the signature you provided. Check \
             your AWS Secret Access Key and signing method. Consult the service documentation for \
             details.",
        )
    }

    pub(crate) fn unknown_action(action: &str, version: &str) -> Self {
        let message = format!("Could not find operation {action} for version {version}");
        Self::new(400, "InvalidAction", message)
    }
}
