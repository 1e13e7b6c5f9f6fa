"""What `sam local` finds in SAM templates: prints a JSON object, file to routes and the zips of functions.

It asks the SAM CLI's own readers; `sam local` itself would need Docker. Routes of an API that another stack exports are
left out: the CLI cannot read them.
"""

import json
import os
import sys

from samcli.lib.providers.api_provider import ApiProvider
from samcli.lib.providers.sam_function_provider import SamFunctionProvider
from samcli.lib.providers.sam_stack_provider import SamLocalStackProvider


def found(path):
    stacks, _ = SamLocalStackProvider.get_stacks(path)
    folder = os.path.dirname(os.path.abspath(path))
    types = {resource.get("Type") for resource in stacks[0].resources.values()}
    has_api = types & {"AWS::ApiGatewayV2::Api", "AWS::ApiGateway::RestApi"}
    # OPTIONS is how a browser asks before it sends: the answer to CORS, and no route of a service.
    routes = (
        f"{method} {route.path} {route.function_name}"
        for route in (ApiProvider(stacks).api.routes if has_api else [])
        for method in route.methods
        if method != "OPTIONS"
    )
    return {
        "routes": sorted(routes),
        "zips": {
            function.name: os.path.relpath(function.codeuri, folder)
            for function in SamFunctionProvider(stacks).get_all()
        },
    }


json.dump({path: found(path) for path in sys.argv[1:]}, sys.stdout)
