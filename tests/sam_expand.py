"""Expands SAM templates with the official translator: prints a JSON object, file to native template.

What `sam deploy` does before the transform is done here too: a local CodeUri becomes an object in a bucket, whose key is
the local path. No network: SAM asks AWS only for managed policies, and none is used.
"""

import json
import sys

from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse


class NoManagedPolicies:
    def load(self):
        return {}


def expand(path):
    with open(path, encoding="utf-8") as file:
        template = yaml_parse(file.read())
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            properties = resource["Properties"]
            properties["CodeUri"] = "s3://artefacts/" + properties["CodeUri"]
    return transform(template, {}, NoManagedPolicies())


json.dump({path: expand(path) for path in sys.argv[1:]}, sys.stdout)
