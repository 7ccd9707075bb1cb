<?php
$manner = json_decode(file_get_contents(dirname(__DIR__) . '/manner.json'), true);
$metadata['__DYNAMIC:1__'] = [
    'host' => '__DEFAULT__',
    'privatekey' => 'idp.key',
    'certificate' => 'idp.pem',
    'auth' => 'users',
    'saml20.sign.response' => $manner['sign_response'],
    'saml20.sign.assertion' => $manner['sign_assertion'],
    'assertion.encryption' => $manner['encrypt'],
    'sign.logout' => true,
    'validate.authnrequest' => true,
    'validate.logout' => true,
    'SingleSignOnServiceBinding' => [
        'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect',
        'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST',
    ],
    'authproc' => [
        1 => [
            'class' => 'saml:AttributeNameID',
            'attribute' => 'uid',
            'Format' => 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent',
        ],
        2 => [
            'class' => 'core:AttributeMap',
            'mail' => 'urn:oid:0.9.2342.19200300.100.1.3',
            'displayName' => 'urn:oid:2.16.840.1.113730.3.1.241',
        ],
    ],
    'attributes.NameFormat' => 'urn:oasis:names:tc:SAML:2.0:attrname-format:uri',
];
