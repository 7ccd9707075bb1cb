<?php
$config = [
    'users' => [
        'exampleauth:UserPass',
        'otto:a password' => [
            'uid' => ['otto-1'],
            'mail' => ['otto@partner.example'],
            'displayName' => ['Otto'],
        ],
        // Somebody whose address is another organisation's.
        'stranger:a password' => [
            'uid' => ['stranger-1'],
            'mail' => ['otto@elsewhere.example'],
            'displayName' => ['Stranger'],
        ],
    ],
];
