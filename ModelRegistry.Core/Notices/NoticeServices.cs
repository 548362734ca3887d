using Microsoft.Extensions.DependencyInjection;

namespace ModelRegistry.Core.Notices;

public static class NoticeServices
{
    public static IServiceCollection AddNotices(this IServiceCollection services, MailOptions mail)
    {
        services.AddSingleton(mail).AddSingleton<NoticeBoard>().AddScoped<NoticeService>().AddScoped<TokenExpiry>();
        return mail.IsOn ? services.AddSingleton<MailSender>().AddScoped<MailQueue>().AddHostedService<MailDispatching>() : services;
    }
}
