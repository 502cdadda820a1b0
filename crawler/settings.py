"""Scrapy's settings: every default that is unsafe or impolite in a daemon, turned.

The reason for each stands in CRAWLING ("Unsafe or impolite defaults"): the one
Fetcher follows redirects, obeys robots.txt, waits, limits and verifies; Scrapy
orders the work and calls the spiders.
"""

from __future__ import annotations

BOT_NAME = "vedette"
SPIDER_MODULES = ["crawler.spiders"]
NEWSPIDER_MODULE = "crawler.spiders"

# One network exit. No other scheme than http and https exists here.
DOWNLOAD_HANDLERS = {
    "http": "crawler.handler.FetcherHandler",
    "https": "crawler.handler.FetcherHandler",
    "file": None,
    "data": None,
    "ftp": None,
    "s3": None,
}
DOWNLOADER_MIDDLEWARES = {
    "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware": None,
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
    "scrapy.downloadermiddlewares.httpauth.HttpAuthMiddleware": None,
    "scrapy.downloadermiddlewares.downloadtimeout.DownloadTimeoutMiddleware": None,
    "scrapy.downloadermiddlewares.defaultheaders.DefaultHeadersMiddleware": None,
    "scrapy.downloadermiddlewares.useragent.UserAgentMiddleware": None,
    "scrapy.downloadermiddlewares.retry.RetryMiddleware": None,
    "scrapy.downloadermiddlewares.redirect.MetaRefreshMiddleware": None,
    "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware": None,
    "scrapy.downloadermiddlewares.redirect.RedirectMiddleware": None,
    "scrapy.downloadermiddlewares.cookies.CookiesMiddleware": None,
    "scrapy.downloadermiddlewares.httpproxy.HttpProxyMiddleware": None,
    "scrapy.downloadermiddlewares.httpcache.HttpCacheMiddleware": None,
}
SPIDER_MIDDLEWARES = {
    "scrapy.spidermiddlewares.referer.RefererMiddleware": None,
    "scrapy.spidermiddlewares.depth.DepthMiddleware": None,
}
EXTENSIONS = {
    "scrapy.extensions.telnet.TelnetConsole": None,
    "scrapy.extensions.remote_control.RemoteControl": None,
    "scrapy.extensions.memusage.MemoryUsage": None,
    "scrapy.extensions.memdebug.MemoryDebugger": None,
    "scrapy.extensions.logstats.LogStats": None,
    "scrapy.extensions.spiderstate.SpiderState": None,
    "scrapy.extensions.throttle.AutoThrottle": None,
}

# Said again where the part that reads it is off already: a switch turned on by
# hand elsewhere must not bring the default back.
REMOTE_CONTROL_ENABLED = False  # an HTTP server that executes Python
TELNETCONSOLE_ENABLED = False
COOKIES_ENABLED = False
REDIRECT_ENABLED = False
RETRY_ENABLED = False
METAREFRESH_ENABLED = False
REFERER_ENABLED = False
HTTPCACHE_ENABLED = False
HTTPPROXY_ENABLED = False
COMPRESSION_ENABLED = False
AUTOTHROTTLE_ENABLED = False
ROBOTSTXT_OBEY = False  # by the Fetcher, which also re-reads it
DOWNLOAD_VERIFY_CERTIFICATES = True
DOWNLOAD_TIMEOUT = 60
DOWNLOAD_MAXSIZE = 50 * 1024 * 1024
DOWNLOAD_DELAY = 0  # the Fetcher's gate waits, for feeds and pages together
CONCURRENT_REQUESTS = 32
CONCURRENT_REQUESTS_PER_DOMAIN = 1

# It keeps a fingerprint per URL for ever and swallows a second poll silently.
DUPEFILTER_CLASS = "scrapy.dupefilters.BaseDupeFilter"

TWISTED_REACTOR = "twisted.internet.asyncioreactor.AsyncioSelectorReactor"
FEED_EXPORT_ENCODING = "utf-8"
STATS_DUMP = False
LOG_LEVEL = "INFO"
LOG_VERSIONS: list[str] = []
