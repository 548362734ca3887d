using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using ModelRegistry.Core.Audit;
using ModelRegistry.Core.Data;

namespace ModelRegistry.Core.Identity;

public static class IdentityServices
{
    public static IServiceCollection AddRegistryIdentity(this IServiceCollection services)
    {
        services.AddIdentityCore<RegistryUser>(options =>
            {
                options.User.RequireUniqueEmail = true;
                // AccountRules.Email decides.
                options.User.AllowedUserNameCharacters = "";
                options.Lockout.MaxFailedAccessAttempts = 5;
                options.Lockout.DefaultLockoutTimeSpan = TimeSpan.FromMinutes(15);
            })
            .AddRoles<IdentityRole<long>>()
            .AddEntityFrameworkStores<RegistryDbContext>()
            .AddDefaultTokenProviders();
        services.RemoveAll<IPasswordValidator<RegistryUser>>();
        services.AddScoped<IPasswordValidator<RegistryUser>, PasswordRule>();

        services.AddSingleton<AccessCache>();
        services.AddSingleton<TokenUse>();
        services.AddHostedService<AccessWatcher>();
        services.AddScoped<CurrentUserHolder>();
        services.AddScoped<AccessReader>();
        services.TryAddScoped<AuditTrail>();
        services.AddScoped<AccountService>();
        services.AddScoped<PeopleDirectory>();
        services.AddScoped<UserService>();
        services.AddScoped<PasswordService>();
        services.AddSingleton<VerifiedPasswords>();
        services.AddScoped<TokenService>();
        services.AddScoped<UserDirectory>();
        services.AddScoped<TeamService>();
        services.AddScoped<GrantService>();
        services.AddScoped<EffectiveAccessService>();
        return services;
    }
}
