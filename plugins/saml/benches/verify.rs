//! What judging a response costs: good ones, and hostile ones that anybody may send.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use plugins_saml::fuzzing::{good_responses, judge_response};

/// Name, document, and what must be said about it.
fn cases() -> Vec<(&'static str, String, &'static str)> {
    let [rsa, ec] = good_responses();
    let around = |inside: &str| {
        let extensions = format!("<samlp:Extensions>{inside}</samlp:Extensions><samlp:Status>");
        ec.replacen("<samlp:Status>", &extensions, 1)
    };
    let attributes: String = (0..25_000).map(|n| format!(r#" a{n}="""#)).collect();
    let transform = r#"<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116"><ds:XPath>count(//. | //@*)</ds:XPath></ds:Transform>"#;
    let too_much = "not the XML that is accepted: more than 64 attributes or 16384 elements, or deeper than 40";
    vec![
        ("good/rsa twice", rsa.to_owned(), "accepted"),
        ("good/ec once", ec.to_owned(), "accepted"),
        (
            "hostile/signature",
            rsa.replace(">anna@", ">admin@"),
            "no trusted key made the signature",
        ),
        (
            "hostile/signature over 16000 elements",
            rsa.replacen(
                "<samlp:Status>",
                &format!(
                    "<samlp:Extensions>{}</samlp:Extensions><samlp:Status>",
                    "<x/>".repeat(16_000)
                ),
                1,
            ),
            "no trusted key made the signature",
        ),
        (
            "hostile/transform",
            rsa.replace("<ds:Transforms>", &format!("<ds:Transforms>{transform}")),
            "form of the signature: other transforms than enveloped-signature and exclusive canonicalisation",
        ),
        (
            "hostile/wrapping",
            around("<saml:Assertion/>"),
            "structure: an assertion at another place",
        ),
        (
            "hostile/document type",
            format!("<!DOCTYPE x>{ec}"),
            "not the XML that is accepted: a document type, a CDATA section or another markup declaration",
        ),
        (
            "hostile/250000 tags begun",
            format!("{}>", "<".repeat(250_000)),
            "not the XML that is accepted: not well-formed, or deeper than 40 elements",
        ),
        (
            "hostile/25000 attributes",
            around(&format!("<x{attributes}/>")),
            too_much,
        ),
        (
            "hostile/60000 elements",
            around(&"<x/>".repeat(60_000)),
            too_much,
        ),
        (
            "hostile/256 KiB of text",
            around(&format!("<x>{}</x>", "&#x20;".repeat(42_000))),
            "accepted",
        ),
        (
            "hostile/10000 namespaces",
            around(&r#"<x xmlns:a="urn:u"/>"#.repeat(10_000)),
            "accepted",
        ),
    ]
}

fn judge(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("judge");
    for (name, document, want) in cases() {
        assert_eq!(judge_response(document.as_bytes()), want, "{name}");
        group.bench_with_input(
            BenchmarkId::from_parameter(name),
            &document,
            |bencher, document| {
                bencher.iter(|| judge_response(black_box(document.as_bytes())));
            },
        );
    }
    group.finish();
}

criterion_group!(benches, judge);
criterion_main!(benches);
