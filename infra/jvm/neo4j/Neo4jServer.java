import java.nio.file.Path;
import java.util.Map;
import org.neo4j.configuration.connectors.BoltConnector;
import org.neo4j.configuration.helpers.SocketAddress;
import org.neo4j.dbms.api.DatabaseManagementServiceBuilder;
import org.neo4j.graphdb.GraphDatabaseService;

/** Neo4j Community as a plain JVM process: {@code Neo4jServer.java DIRECTORY CONF PORT PASSWORD}. */
public class Neo4jServer {
    public static void main(String[] args) {
        var service = new DatabaseManagementServiceBuilder(Path.of(args[0]))
                .loadPropertiesFromFile(Path.of(args[1]))
                .setConfig(BoltConnector.listen_address, new SocketAddress("127.0.0.1", Integer.parseInt(args[2])))
                .build();
        Runtime.getRuntime().addShutdownHook(new Thread(service::shutdown));
        setPassword(service.database("system"), args[3]);
    }

    /** A server that has its data already has its password too, and refuses to be given the same one again. */
    private static void setPassword(GraphDatabaseService system, String password) {
        try {
            system.executeTransactionally(
                    "ALTER USER neo4j SET PASSWORD $password CHANGE NOT REQUIRED", Map.of("password", password));
        } catch (RuntimeException error) {
            if (!String.valueOf(error.getMessage()).contains("cannot be the same")) throw error;
        }
    }
}
