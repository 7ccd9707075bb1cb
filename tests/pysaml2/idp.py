"""An identity provider on pysaml2's server, for one person, until standard input closes.

usage: idp.py FOLDER

FOLDER holds `idp.key` and `idp.pem`; `sp.xml`, the service provider's metadata, when the first request comes; and
`manner.json`, which is read for every response. The first line of output says where it listens, as JSON.
"""

import base64
import functools
import html
import json
import os
import shutil
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import saml2.entity
from saml2 import BINDING_HTTP_POST, BINDING_HTTP_REDIRECT
from saml2.authn_context import PASSWORDPROTECTEDTRANSPORT
from saml2.config import IdPConfig
from saml2.metadata import entity_descriptor
from saml2.saml import NAMEID_FORMAT_PERSISTENT, NameID
from saml2.server import Server
from saml2.sigver import SecurityContext, pre_encryption_part

FOLDER = sys.argv[1]
SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
DIGEST = "http://www.w3.org/2001/04/xmlenc#sha256"
PERSON = {"mail": ["petra@partner.example"], "displayName": ["Petra"]}
SUBJECT = "petra-1"


def use_gcm():
    """pysaml2 encrypts by Triple DES unless told otherwise, and has no setting for that."""
    saml2.entity.pre_encryption_part = functools.partial(
        pre_encryption_part, msg_enc="http://www.w3.org/2009/xmlenc11#aes256-gcm"
    )
    encrypt = SecurityContext.encrypt_assertion

    def with_aes(self, statement, enc_key, template, key_type="aes-256", node_xpath=None):
        return encrypt(self, statement, enc_key, template, key_type, node_xpath)

    SecurityContext.encrypt_assertion = with_aes


def at(name):
    return os.path.join(FOLDER, name)


def config(origin):
    sp = at("sp.xml")
    both = (BINDING_HTTP_REDIRECT, BINDING_HTTP_POST)
    return IdPConfig().load(
        {
            "entityid": f"{origin}/metadata",
            "xmlsec_binary": shutil.which("xmlsec1"),
            "key_file": at("idp.key"),
            "cert_file": at("idp.pem"),
            "signing_algorithm": SHA256,
            "digest_algorithm": DIGEST,
            "metadata": {"local": [sp]} if os.path.exists(sp) else {},
            "service": {
                "idp": {
                    "endpoints": {
                        "single_sign_on_service": [(f"{origin}/sso", binding) for binding in both],
                        "single_logout_service": [(f"{origin}/slo", binding) for binding in both],
                    },
                    "name_id_format": [NAMEID_FORMAT_PERSISTENT],
                    "policy": {"default": {"lifetime": {"minutes": 5}, "name_form": "urn:oasis:names:tc:SAML:2.0:attrname-format:uri"}},
                    "want_authn_requests_signed": True,
                    "subject_data": ("dict", {}),
                }
            },
        }
    )


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.answer(urlsplit(self.path).query, BINDING_HTTP_REDIRECT)

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("content-length", "0")))
        self.answer(body.decode("ascii"), BINDING_HTTP_POST)

    def answer(self, text, binding):
        path = urlsplit(self.path).path
        fields = {name: values[0] for name, values in parse_qs(text).items()}
        try:
            if path == "/metadata":
                self.send(200, "application/samlmetadata+xml", str(entity_descriptor(config(self.server.origin))))
            elif path == "/sso":
                self.sign_on(fields, binding)
            elif path == "/slo":
                self.sign_out(fields, binding)
            else:
                self.send(404, "text/plain", "nothing is here")
        except Exception as why:
            self.send(400, "text/plain", f"refused: {why!r}")

    def idp(self):
        return Server(config=config(self.server.origin))

    @staticmethod
    def signature(fields, binding):
        if binding == BINDING_HTTP_POST:
            return {}
        return {
            "relay_state": fields.get("RelayState"),
            "sigalg": fields.get("SigAlg"),
            "signature": fields.get("Signature"),
        }

    def sign_on(self, fields, binding):
        idp = self.idp()
        asked = idp.parse_authn_request(fields["SAMLRequest"], binding, **self.signature(fields, binding))
        request = asked.message
        with open(at("manner.json"), encoding="ascii") as file:
            manner = json.load(file)
        sp = request.issuer.text
        name = NameID(
            format=NAMEID_FORMAT_PERSISTENT,
            name_qualifier=idp.config.entityid,
            sp_name_qualifier=sp,
            text=SUBJECT,
        )
        response = idp.create_authn_response(
            PERSON,
            request.id,
            request.assertion_consumer_service_url,
            sp,
            name_id=name,
            authn={"class_ref": PASSWORDPROTECTEDTRANSPORT, "authn_auth": idp.config.entityid},
            sign_response=manner["sign_response"],
            sign_assertion=manner["sign_assertion"],
            encrypt_assertion=manner["encrypt"],
            sign_alg=SHA256,
            digest_alg=DIGEST,
        )
        self.post(request.assertion_consumer_service_url, "SAMLResponse", str(response), fields)

    def sign_out(self, fields, binding):
        idp = self.idp()
        asked = idp.parse_logout_request(fields["SAMLRequest"], binding, **self.signature(fields, binding))
        response = idp.create_logout_response(asked.message, [BINDING_HTTP_REDIRECT], sign=False)
        _, place = idp.pick_binding("single_logout_service", [BINDING_HTTP_REDIRECT], "spsso", request=asked.message)
        sent = idp.apply_binding(
            BINDING_HTTP_REDIRECT, str(response), place, fields.get("RelayState", ""), response=True, sign=True, sigalg=SHA256
        )
        self.send_response(303)
        for name, value in sent["headers"]:
            self.send_header(name, value)
        self.send_header("content-length", "0")
        self.end_headers()

    def post(self, url, parameter, message, fields):
        value = base64.b64encode(message.encode("utf-8")).decode("ascii")
        state = html.escape(fields.get("RelayState", ""))
        self.send(
            200,
            "text/html; charset=utf-8",
            f'<form method="post" action="{html.escape(url)}"><input type="hidden" name="{parameter}" value="{value}">'
            f'<input type="hidden" name="RelayState" value="{state}"><button>Continue</button></form>',
        )

    def send(self, status, kind, text):
        body = text.encode("utf-8")
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def main():
    use_gcm()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.origin = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(json.dumps({"origin": server.origin}), flush=True)
    sys.stdin.read()


main()
