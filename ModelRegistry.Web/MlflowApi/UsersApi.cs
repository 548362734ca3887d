using System.Text.Json;
using ModelRegistry.Core.Common;
using ModelRegistry.Core.Governance;
using ModelRegistry.Core.Identity;

namespace ModelRegistry.Web.MlflowApi;

/// <summary>
/// `users/*`, `experiments/permissions/*` and `registered-models/permissions/*`: MLflow's basic-auth calls on our users,
/// roles and grants. A user's name is the e-mail address; deleting one disables the account, and what it made stays.
/// </summary>
internal static class UsersApi
{
    public static void Map(MlflowRouteBuilder routes)
    {
        routes.Post("users/create", CreateAsync);
        routes.Get("users/get", GetAsync);
        routes.Get("users/current", CurrentAsync);
        routes.Get("users/list", ListAsync);
        routes.Patch("users/update-password", UpdatePasswordAsync);
        routes.Patch("users/update-admin", UpdateAdminAsync);
        routes.Delete("users/delete", DeleteAsync);
        foreach (var (path, kind) in new[]
        {
            ("experiments/permissions/", SecurableKind.Experiment), ("registered-models/permissions/", SecurableKind.RegisteredModel),
        })
        {
            routes.Post(path + "create", call => SetPermissionAsync(call, kind, mustBeNew: true));
            routes.Get(path + "get", call => GetPermissionAsync(call, kind));
            routes.Patch(path + "update", call => SetPermissionAsync(call, kind, mustBeNew: false));
            routes.Delete(path + "delete", call => DeletePermissionAsync(call, kind));
        }
    }

    private static async Task CreateAsync(MlflowCall call)
    {
        var body = call.Request.Body;
        var user = await call.Service<UserService>().CreateAsync(
            new NewUser(body.RequiredString("username"), "", RegistryRole.Member, body.RequiredString("password")), call.Ct);
        await call.WriteAsync(w => WriteUser(w, user.Id, user.Email!, isAdmin: false, [], []));
    }

    private static async Task GetAsync(MlflowCall call)
    {
        var name = call.Request.Body.RequiredString("username");
        var me = call.Service<CurrentUserHolder>().User;
        if (!IsMe(me, name))
            me.Require(InstanceRight.Administer);
        var user = await FindAsync(call, name);
        var grants = await call.Service<GrantService>().OfUserAsync(user.Id, call.Ct);
        var names = await call.Service<SecurableDirectory>().PublicIdsAsync(
            [.. grants.Where(g => g.ObjectId is not null).Select(g => (g.Kind, g.ObjectId!.Value))], call.Ct);
        var shown = grants.Where(g => g.ObjectId is not null)
            .Select(g => (g.Kind, Name: names[(g.Kind, g.ObjectId!.Value)], g.Permissions)).ToList();
        await call.WriteAsync(w => WriteUser(w, user.Id, user.Email, user.Roles.HasFlag(RegistryRole.Admin),
            [.. shown.Where(g => g.Kind == SecurableKind.Experiment).Select(g => (g.Name, g.Permissions))],
            [.. shown.Where(g => g.Kind == SecurableKind.RegisteredModel).Select(g => (g.Name, g.Permissions))]));
    }

    private static Task CurrentAsync(MlflowCall call)
    {
        var me = call.Service<CurrentUserHolder>().User;
        return call.WriteAsync(w =>
        {
            w.WriteStartObject("user");
            WriteShort(w, me.Id, me.Name, me.Has(RegistryRole.Admin));
            w.WriteEndObject();
        });
    }

    private static async Task ListAsync(MlflowCall call)
    {
        var service = call.Service<UserService>();
        var users = new List<UserRow>();
        string? token = null;
        do
        {
            var page = await service.ListAsync(null, token, call.Ct);
            users.AddRange(page.Items.Where(u => !u.IsDisabled));
            token = page.NextPageToken;
        }
        while (token is not null);

        await call.WriteAsync(w =>
        {
            w.WriteStartArray("users");
            foreach (var user in users)
            {
                w.WriteStartObject();
                WriteShort(w, user.Id, user.Email, user.Roles.HasFlag(RegistryRole.Admin));
                w.WriteEndObject();
            }

            w.WriteEndArray();
        });
    }

    private static async Task UpdatePasswordAsync(MlflowCall call)
    {
        var body = call.Request.Body;
        var name = body.RequiredString("username");
        var password = body.RequiredString("password");
        if (IsMe(call.Service<CurrentUserHolder>().User, name))
        {
            await call.Service<AccountService>().ChangePasswordAsync(body.RequiredString("current_password"), password, call.Ct);
        }
        else
        {
            call.Service<CurrentUserHolder>().User.Require(InstanceRight.Administer);
            await call.Service<UserService>().SetPasswordAsync((await FindAsync(call, name)).Id, password, call.Ct);
        }

        await call.WriteEmptyAsync();
    }

    private static async Task UpdateAdminAsync(MlflowCall call)
    {
        var body = call.Request.Body;
        var name = body.RequiredString("username");
        var isAdmin = body.Bool("is_admin") ?? throw body.Missing("is_admin");
        call.Service<CurrentUserHolder>().User.Require(InstanceRight.Administer);
        var user = await FindAsync(call, name);
        var roles = isAdmin ? user.Roles | RegistryRole.Admin : user.Roles & ~RegistryRole.Admin;
        // Who is nothing else would be locked out; MLflow's users without the mark are ordinary ones.
        await call.Service<UserService>().SetRolesAsync(user.Id, roles == RegistryRole.None ? RegistryRole.Member : roles, call.Ct);
        await call.WriteEmptyAsync();
    }

    private static async Task DeleteAsync(MlflowCall call)
    {
        var name = call.Request.Body.RequiredString("username");
        call.Service<CurrentUserHolder>().User.Require(InstanceRight.Administer);
        await call.Service<UserService>().SetDisabledAsync((await FindAsync(call, name)).Id, true, call.Ct);
        await call.WriteEmptyAsync();
    }

    private static async Task SetPermissionAsync(MlflowCall call, SecurableKind kind, bool mustBeNew)
    {
        var body = call.Request.Body;
        var name = body.RequiredString("username");
        var permissions = Permissions(body.RequiredString("permission"), kind);
        var on = await ObjectAsync(call, kind);
        var grants = call.Service<GrantService>();
        var userId = await SubjectAsync(call, on, name);
        var to = GrantSubject.User(userId);
        var missing = PermissionMissing(kind, on.PublicId, name);
        if (permissions == Permission.None)
        {
            if (!await grants.RemoveAsync(on.Securable, to, on.NotFound, call.Ct) && !mustBeNew)
                throw missing();
        }
        else
        {
            if (!mustBeNew && await grants.FindAsync(on.Securable, to, on.NotFound, call.Ct) is null)
                throw missing();
            await grants.SetAsync(on.Securable, to, permissions, mustBeNew, on.NotFound, call.Ct);
        }

        if (mustBeNew)
            await WritePermissionAsync(call, kind, on.PublicId, userId, permissions);
        else
            await call.WriteEmptyAsync();
    }

    private static async Task GetPermissionAsync(MlflowCall call, SecurableKind kind)
    {
        var name = call.Request.Body.RequiredString("username");
        var on = await ObjectAsync(call, kind);
        var userId = await SubjectAsync(call, on, name);
        var grant = await call.Service<GrantService>().FindAsync(on.Securable, GrantSubject.User(userId), on.NotFound, call.Ct)
            ?? throw PermissionMissing(kind, on.PublicId, name)();
        await WritePermissionAsync(call, kind, on.PublicId, userId, grant.Permissions);
    }

    private static async Task DeletePermissionAsync(MlflowCall call, SecurableKind kind)
    {
        var name = call.Request.Body.RequiredString("username");
        var on = await ObjectAsync(call, kind);
        var userId = await SubjectAsync(call, on, name);
        if (!await call.Service<GrantService>().RemoveAsync(on.Securable, GrantSubject.User(userId), on.NotFound, call.Ct))
            throw PermissionMissing(kind, on.PublicId, name)();
        await call.WriteEmptyAsync();
    }

    private static Task<FoundObject> ObjectAsync(MlflowCall call, SecurableKind kind) => call.Service<SecurableDirectory>().GetAsync(
        kind, call.Request.Body.RequiredString(kind == SecurableKind.Experiment ? "experiment_id" : "name"), call.Ct);

    // Which users there are is told to those only who manage the object, or ask about themselves.
    private static async Task<long> SubjectAsync(MlflowCall call, FoundObject on, string name)
    {
        var me = call.Service<CurrentUserHolder>().User;
        if (IsMe(me, name))
            return me.Id;
        if (!me.ReadsEverything)
            me.Require(Permission.Manage, on.Securable, on.NotFound);
        return await call.Service<UserDirectory>().FindIdAsync(name, call.Ct) ?? throw UserMissing(name);
    }

    private static async Task<UserSummary> FindAsync(MlflowCall call, string name) =>
        await call.Service<UserDirectory>().FindAsync(name, call.Ct) is { IsDisabled: false } user ? user : throw UserMissing(name);

    private static NotFoundException UserMissing(string name) => new("user", name, $"User with username={name} not found");

    private static Func<NotFoundException> PermissionMissing(SecurableKind kind, string on, string name) => () =>
        new NotFoundException(GrantService.Noun, on, kind == SecurableKind.Experiment
            ? $"Experiment permission with experiment_id={on} and username={name} not found"
            : $"Registered model permission with name={on} and username={name} not found");

    private static bool IsMe(CurrentUser me, string name) => string.Equals(me.Name, name, StringComparison.OrdinalIgnoreCase);

    private static Permission Permissions(string word, SecurableKind kind) => word switch
    {
        "READ" or "USE" => Permission.Read,
        "EDIT" => Permission.Read | Permission.Edit | (kind == SecurableKind.RegisteredModel ? Permission.Promote : Permission.None),
        "MANAGE" => Permission.All & ~Permission.Approve,
        "NO_PERMISSIONS" => Permission.None,
        _ => throw new InvalidArgumentException("permission",
            $"Invalid permission '{(word.Length <= 40 ? word : word[..40])}'. Valid permissions are: READ, USE, EDIT, MANAGE, NO_PERMISSIONS"),
    };

    private static string Word(Permission permissions) => permissions switch
    {
        Permission.None => "NO_PERMISSIONS",
        _ when permissions.HasFlag(Permission.Manage) => "MANAGE",
        _ when permissions.HasFlag(Permission.Edit) => "EDIT",
        _ => "READ",
    };

    private static Task WritePermissionAsync(MlflowCall call, SecurableKind kind, string on, long userId, Permission permissions) =>
        call.WriteAsync(w =>
        {
            w.WritePropertyName(kind == SecurableKind.Experiment ? "experiment_permission" : "registered_model_permission");
            WritePermission(w, kind, on, userId, permissions);
        });

    private static void WritePermission(Utf8JsonWriter w, SecurableKind kind, string on, long userId, Permission permissions)
    {
        w.WriteStartObject();
        w.WriteString(kind == SecurableKind.Experiment ? "experiment_id" : "name", on);
        w.WriteNumber("user_id", userId);
        w.WriteString("permission", Word(permissions));
        w.WriteEndObject();
    }

    private static void WriteUser(Utf8JsonWriter w, long id, string name, bool isAdmin,
        List<(string Name, Permission Permissions)> experiments, List<(string Name, Permission Permissions)> models)
    {
        w.WriteStartObject("user");
        WriteShort(w, id, name, isAdmin);
        w.WriteStartArray("experiment_permissions");
        foreach (var (on, permissions) in experiments)
            WritePermission(w, SecurableKind.Experiment, on, id, permissions);
        w.WriteEndArray();
        w.WriteStartArray("registered_model_permissions");
        foreach (var (on, permissions) in models)
            WritePermission(w, SecurableKind.RegisteredModel, on, id, permissions);
        w.WriteEndArray();
        // MLflow's client reads these members whether there is something in them or not.
        foreach (var none in new[]
        {
            "scorer_permissions", "gateway_secret_permissions", "gateway_endpoint_permissions", "gateway_model_definition_permissions",
        })
        {
            w.WriteStartArray(none);
            w.WriteEndArray();
        }

        w.WriteEndObject();
    }

    private static void WriteShort(Utf8JsonWriter w, long id, string name, bool isAdmin)
    {
        w.WriteNumber("id", id);
        w.WriteString("username", name);
        w.WriteBoolean("is_admin", isAdmin);
    }
}
