//! The OpenAPI document, written from the table of operations.
//!
//! Source: OpenAPI Specification 3.1.0.

use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use super::call::MOST_TAGS;
use super::operation::{Kind, Operation, Parameter, Who};
use super::table::RESOURCES;

/// What `If-Match` holds (RFC 9110 section 13.1.1); our tags hold no comma.
const TAGS: &str = "^(\\*|(W/)?\"[!#-+\\-.-~]*\"(,[ \\t]*(W/)?\"[!#-+\\-.-~]*\")*)$";

/// No control character: such an address leads nowhere.
const VISIBLE: &str = "^[^\\u0000-\\u001f\\u007f-\\u009f]+$";

/// Refusals that every operation has.
const ALWAYS: [u16; 6] = [400, 401, 403, 413, 429, 503];

/// The document, for an API that is reached at `origin`.
pub(super) fn document(origin: &str) -> Value {
    let mut settings = SchemaSettings::draft2020_12();
    settings.definitions_path = "/components/schemas".into();
    settings.meta_schema = None;
    let mut generator = settings.into_generator();
    let mut paths = Map::new();
    for resource in RESOURCES {
        let mut methods = Map::new();
        let variables = variables(resource.path);
        if !variables.is_empty() {
            methods.insert("parameters".to_owned(), variables.into());
        }
        for operation in resource.operations {
            let name = operation.method.name().to_ascii_lowercase();
            methods.insert(name, self::operation(operation, &mut generator));
        }
        paths.insert(resource.path.to_owned(), methods.into());
    }
    let mut schemas = generator.take_definitions(true);
    schemas.insert("Error".to_owned(), error());
    json!({
        "openapi": "3.1.0",
        "jsonSchemaDialect": "https://json-schema.org/draft/2020-12/schema",
        "info": {
            "title": "Vestibule",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "What Microsoft Graph has no word for: sites' sharing settings, the gateway's own settings, groups, explanations, the audit.",
        },
        "servers": [{ "url": format!("{origin}/vestibule/v1") }],
        "security": [{ "token": [] }],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "bearerFormat": "JWT",
                    "description": "A token of the tenant's own directory, or one of `vestibule token`.",
                },
            },
            "responses": { "Refused": refused() },
        },
    })
}

/// The variable segments of a path.
fn variables(path: &str) -> Vec<Value> {
    let segments = path.split('/');
    let names = segments.filter_map(|one| one.strip_prefix('{')?.strip_suffix('}'));
    names
        .map(|name| {
            json!({
                "name": name,
                "in": "path",
                "required": true,
                "schema": {
                    "type": "string",
                    "minLength": 1,
                    "maxLength": 320,
                    "pattern": VISIBLE,
                },
            })
        })
        .collect()
}

fn operation(operation: &Operation, generator: &mut SchemaGenerator) -> Value {
    let mut answers = Map::new();
    let (status, schema) = operation.answer;
    let mut success = json!({ "description": "Done." });
    if let Some(schema) = schema {
        let schema = schema(generator).to_value();
        put(
            &mut success,
            "content",
            json!({ "application/json": { "schema": schema } }),
        );
    }
    answers.insert(status.to_string(), success);
    let unmatched: &[u16] = if operation.if_match { &[412] } else { &[] };
    for status in ALWAYS.iter().chain(operation.refusals).chain(unmatched) {
        let refused = json!({ "$ref": "#/components/responses/Refused" });
        answers.insert(status.to_string(), refused);
    }
    let mut parameters: Vec<Value> = operation.query.iter().map(parameter).collect();
    if operation.if_match {
        parameters.push(json!({
            "name": "If-Match",
            "in": "header",
            "description": "The `ETag` of the resource as it was read: 412 if it has changed since.",
            "required": false,
            "schema": { "type": "string", "minLength": 1, "maxLength": MOST_TAGS, "pattern": TAGS },
        }));
    }
    let mut written = json!({
        "operationId": operation.id,
        "summary": operation.summary,
        "description": needs(operation),
        "parameters": parameters,
        "responses": answers,
    });
    if let Some(schema) = operation.body {
        let schema = schema(generator).to_value();
        let content = json!({ "application/json": { "schema": schema } });
        put(
            &mut written,
            "requestBody",
            json!({ "required": true, "content": content }),
        );
    }
    written
}

fn needs(operation: &Operation) -> String {
    match operation.who {
        Who::Anyone => "Any token of a person.".to_owned(),
        Who::Administrators => {
            let scopes: Vec<String> = operation
                .scopes
                .iter()
                .map(|scope| format!("`{scope}`"))
                .collect();
            format!(
                "Needs {}; a person also administers the tenant.",
                scopes.join(" or ")
            )
        }
    }
}

fn parameter(parameter: &Parameter) -> Value {
    let schema = match parameter.kind {
        Kind::Text(most) => {
            json!({ "type": "string", "minLength": 1, "maxLength": most, "pattern": VISIBLE })
        }
        Kind::Number(least, most) => {
            json!({ "type": "integer", "minimum": least, "maximum": most })
        }
        Kind::Moment => json!({ "type": "string", "format": "date-time" }),
        Kind::Flag => json!({ "type": "boolean" }),
    };
    json!({
        "name": parameter.name,
        "in": "query",
        "description": parameter.doc,
        "required": parameter.required,
        "schema": schema,
    })
}

fn refused() -> Value {
    json!({
        "description": "Refused, as the error says.",
        "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Error" } } },
    })
}

/// The body of an error, as Graph's clients read it.
fn error() -> Value {
    let text = json!({ "type": "string" });
    json!({
        "type": "object",
        "required": ["error"],
        "properties": {
            "error": {
                "type": "object",
                "required": ["code", "message", "innerError"],
                "properties": {
                    "code": text,
                    "message": text,
                    "innerError": {
                        "type": "object",
                        "required": ["date", "request-id", "client-request-id"],
                        "properties": {
                            "code": text,
                            "date": text,
                            "request-id": text,
                            "client-request-id": text,
                        },
                    },
                    "details": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "required": ["code", "message"],
                            "properties": { "code": text, "message": text, "target": text },
                        },
                    },
                },
            },
        },
    })
}

fn put(to: &mut Value, name: &str, what: Value) {
    if let Value::Object(object) = to {
        object.insert(name.to_owned(), what);
    }
}
