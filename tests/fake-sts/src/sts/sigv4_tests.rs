//! The verifier held to vectors of AWS's own signing test suite.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/signature-v4-test-suite.html>; as carried by
//! the `aws-sigv4` crate under `aws-signing-test-suite/v4`.

use time::macros::datetime;

use super::*;

const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const NOW: OffsetDateTime = datetime!(2015-08-30 12:36:00 UTC);

fn header(signed_headers: &str, signature: &str) -> String {
    format!(
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, \
         SignedHeaders={signed_headers}, Signature={signature}"
    )
}

fn request(method: &str, query: &str, more: &[(&str, &str)], body: &str) -> HttpRequest {
    let fixed = [("host", "example.amazonaws.com"), ("x-amz-date", "20150830T123600Z")];
    let headers = fixed
        .iter()
        .chain(more)
        .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
    HttpRequest {
        method: method.to_owned(),
        target: format!("/?{query}"),
        headers: headers.collect(),
        body: body.as_bytes().to_vec(),
        ..HttpRequest::default()
    }
}

fn verify(request: &HttpRequest, header: &str, now: OffsetDateTime) -> Result<(), String> {
    let authorization = Authorization::parse(header).map_err(|refusal| refusal.message)?;
    authorization
        .verify(request, SECRET, "service", now)
        .map_err(|refusal| refusal.message)
}

const VANILLA: &str = "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31";

#[test]
fn get_vanilla() {
    let header = header("host;x-amz-date", VANILLA);
    assert_eq!(verify(&request("GET", "", &[], ""), &header, NOW), Ok(()));
}

#[test]
fn get_vanilla_query_order_key_case() {
    let signature = "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500";
    let request = request("GET", "Param2=value2&Param1=value1", &[], "");
    assert_eq!(verify(&request, &header("host;x-amz-date", signature), NOW), Ok(()));
}

#[test]
fn get_header_value_trim() {
    let signature = "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736";
    let more = [("my-header1", "value1"), ("my-header2", "\"a   b   c\"")];
    let header = header("host;my-header1;my-header2;x-amz-date", signature);
    assert_eq!(verify(&request("GET", "", &more, ""), &header, NOW), Ok(()));
}

#[test]
fn post_x_www_form_urlencoded() {
    let signature = "d3875051da38690788ef43de4db0d8f280229d82040bfac253562e56c3f20e0b";
    let more = [
        ("content-type", "application/x-www-form-urlencoded"),
        ("content-length", "13"),
        (
            "x-amz-content-sha256",
            "9095672bbd1f56dfc5b65f3e153adc8731a4a654192329106275f4c7b24d0b6e",
        ),
    ];
    let names = "content-length;content-type;host;x-amz-content-sha256;x-amz-date";
    let header = header(names, signature);
    let signed = request("POST", "", &more, "Param1=value1");
    assert_eq!(verify(&signed, &header, NOW), Ok(()));
    let changed = request("POST", "", &more, "Param1=value2");
    let text = verify(&changed, &header, NOW).unwrap_err();
    assert!(
        text.starts_with("The request signature we calculated does not match"),
        "{text}"
    );
}

#[test]
fn dates_must_be_near() {
    let (request, header) = (request("GET", "", &[], ""), header("host;x-amz-date", VANILLA));
    let quarter = Duration::minutes(15);
    assert_eq!(verify(&request, &header, NOW + quarter), Ok(()));
    assert_eq!(verify(&request, &header, NOW - quarter), Ok(()));
    assert_eq!(
        verify(&request, &header, NOW + Duration::minutes(16)).unwrap_err(),
        "Signature expired: 20150830T123600Z is now earlier than 20150830T123700Z \
         (20150830T125200Z - 15 min.)"
    );
    assert_eq!(
        verify(&request, &header, NOW - Duration::minutes(16)).unwrap_err(),
        "Signature not yet current: 20150830T123600Z is still later than 20150830T123500Z \
         (20150830T122000Z + 15 min.)"
    );
}

#[test]
fn the_scope_and_the_host_are_part_of_it() {
    let request = request("GET", "", &[], "");
    let refused = |header: &str, part: &str| {
        let text = verify(&request, header, NOW).unwrap_err();
        assert!(text.contains(part), "{text}");
    };
    let good = header("host;x-amz-date", VANILLA);
    refused(&good.replace("/service/", "/iam/"), "correct service");
    refused(&good.replace("us-east-1", ""), "valid region");
    refused(&good.replace("us-east-1", "us-east-2"), "signature we calculated");
    refused(&good.replace("/20150830/", "/20150829/"), "'20150829' != '20150830'");
    refused(&good.replace("host;", ""), "'Host'");
    refused(&good.replace("/aws4_request", ""), "Credential must have exactly 5");
    refused(&good.replace("Signature=", "S="), "requires 'Signature'");
}
